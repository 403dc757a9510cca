// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    @Suite(.serialized, .requires(.root, .fuse, .tool("mkfs.erofs"), .tool("nginx")))
    struct PrefetchTests {
        @Test(arguments: ["list", "all"])
        func whatIsFetchedAheadIsReadWithoutTheServer(plan: String) throws {
            let sources = try TemporaryDirectory()
            let content = SourceTree.noise(3 << 20, seed: 7)
            try write(content, to: sources.path("file"))
            try write(SourceTree.noise(3 << 20, seed: 8), to: sources.path("other"))
            let lazy = try LazyImage(of: sources.path)
            let list = sources.path("list")
            let recording = try lazy.mount(["--record", list])
            #expect(try lazy.read("file", count: content.count).bytes == content)
            try recording.unmount()
            #expect(try runToSuccess(["head", "-1", list]).output == "# swift-erofs-fuse prefetch list 1\n")
            let empty = try lazy.directory.makeDirectory("empty")
            let wanted = plan == "all" ? ["all", "--prefetch-rate", "0"] : [list]
            let mounted = try lazy.mount(["--cache-dir", empty, "--prefetch"] + wanted)
            try eventually("the prefetch ends") {
                try program(["status", lazy.mountpoint]).output.contains(", 0 failed, done\n")
            }
            lazy.server.stop()
            #expect(try lazy.read("file", count: content.count).bytes == content)
            try mounted.unmount()
        }
    }
}
