// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import RemoteSources
import TestSupport
import Testing

/// Objects of moto's server, which speaks S3; it is no package of the distribution, so CI does without.
@Suite(
    .serialized, .enabled(if: Requirement.tool("moto_server").lack == nil, "no moto_server: pip install 'moto[server]'")
)
struct ObjectStoreServerTests {
    @Test func objectsAreReadBySignedRequests() throws {
        let port = try LoopbackPort.unused()
        let server = try RunningProcess(["moto_server", "-H", "127.0.0.1", "-p", "\(port)"])
        try eventually("moto_server") {
            guard server.isRunning else { throw TestFailure("moto_server has ended: \(server.errorsSoFar)") }
            return LoopbackPort.answers(port)
        }
        let blob = pattern(300_000)
        let directory = try TemporaryDirectory()
        try write(blob, to: directory.path("blob"))
        let endpoint = "http://127.0.0.1:\(port)"
        let curl = ["curl", "-sS", "--fail", "--noproxy", "*", "-o", "/dev/null"]
        try runToSuccess(curl + ["-X", "PUT", "\(endpoint)/bucket"])
        try runToSuccess(curl + ["-T", directory.path("blob"), "\(endpoint)/bucket/layers/the%20blob"])
        var settings = RemoteSettings()
        settings.transfer.transport.proxy = .none
        settings.objectStore.endpoint = endpoint
        settings.objectStore.region = "us-east-1"
        settings.credentials = RemoteSettings.Credentials(user: "AKIATEST", password: "secret")
        let remote = try RemoteLocation.remote("s3://bucket/layers", settings: settings)
        let source = try remote.source(for: "the blob")
        let identity = try source.identity()
        #expect(identity.size == 300_000)
        #expect(try source.bytes(0..<300_000, of: identity) == blob)
        #expect(try source.bytes(299_990..<300_000, of: identity) == Array(blob[299_990...]))
        let missing = try remote.source(for: "nothing")
        let error = #expect(throws: FetchError.self) { try missing.identity() }
        #expect(error?.kind == "notFound")
    }
}
