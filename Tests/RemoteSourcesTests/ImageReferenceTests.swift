// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import RemoteSources
import Testing

@Suite struct ImageReferenceTests {
    private let digest = "sha256:" + String(repeating: "0a", count: 32)

    @Test func partsAreFound() throws {
        let full = try ImageReference("oci://Reg.Example:5000/team/app-1:v1.2@\(digest)")
        #expect(full.registry == "reg.example:5000")
        #expect(full.repository == "team/app-1")
        #expect(full.tag == "v1.2")
        #expect(full.digest == digest)
        #expect(full.manifestName == digest)
        #expect(full.description == "oci://reg.example:5000/team/app-1:v1.2@\(digest)")
        #expect(try ImageReference("oci://localhost/a").manifestName == "latest")
        #expect(try ImageReference("oci://[::1]:5000/a/b:t").tag == "t")
    }

    @Test func dockerHubIsSpecial() throws {
        #expect(try ImageReference("oci://docker.io/alpine").repository == "library/alpine")
        #expect(try ImageReference("oci://index.docker.io/u/alpine").registry == "docker.io")
    }

    @Test(arguments: [
        "http://h/a", "oci://h", "oci://h/", "oci://h/A", "oci://h/a//b", "oci://h/../a", "oci://h/a:", "oci://h/a:.x",
        "oci://h/a@sha256:00", "oci://h/a@md5:00", "oci://u@h/a", "oci://h:99999/a", "oci://h:x/a", "oci:///a",
        "oci://h/a b", "oci://h/a\n",
    ])
    func othersAreRefused(text: String) {
        #expect(throws: ImageReference.Problem.self) { try ImageReference(text) }
    }
}
