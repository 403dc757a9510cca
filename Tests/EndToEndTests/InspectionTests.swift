// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    @Suite(.serialized, .requires(.root, .fuse, .tool("mkfs.erofs"), .tool("nginx")))
    struct InspectionTests {
        @Test func inspectAndExplainTellWhereAFileLies() throws {
            let sources = try TemporaryDirectory()
            try write(SourceTree.noise(300_000, seed: 1), to: sources.path("file"))
            try write(SourceTree.noise(300_000, seed: 2), to: sources.path("other"))
            let lazy = try LazyImage(of: sources.path)
            let whole = try program(["inspect", lazy.image.path])
            #expect(whole.status == 0, "\(whole.errors)")
            #expect(whole.output.contains("image.blob1"))
            let file = try program(["inspect", lazy.image.path, "/file"])
            #expect(file.status == 0, "\(file.errors)")
            #expect(file.output.contains("300000"))
            #expect(try program(["inspect", lazy.image.path, "/absent"]).status == 1)

            let before = try program(["explain"] + lazy.options() + [lazy.image.path, "/file"])
            #expect(before.status == 0, "\(before.errors)")
            #expect(before.output.contains("downloadFromServer"))
            let mounted = try lazy.mount()
            #expect(try lazy.read("file", count: 300_000).succeeded)
            let status = try program(["status", "--json", lazy.mountpoint])
            #expect(status.status == 0, "\(status.errors)")
            #expect(status.output.contains("image.blob1"))
            try mounted.unmount()
            let after = try program(["explain"] + lazy.options() + [lazy.image.path, "/file"])
            #expect(after.output.contains("readFromCache"))
            #expect(!after.output.contains("downloadFromServer"))
        }

        @Test func statusOfWhatIsNotMountedFails() throws {
            let directory = try TemporaryDirectory()
            #expect(try program(["status", directory.path]).status == 1)
        }
    }
}
