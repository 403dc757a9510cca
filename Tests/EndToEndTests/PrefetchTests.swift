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
            // Whoever unmounts may use the list at once.
            try runToSuccess([PackageFiles.program(), "umount", lazy.mountpoint])
            #expect(!recording.server.isRunning)
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

        @Test func anUnmountByOthersLeavesTheListToo() throws {
            let sources = try TemporaryDirectory()
            try write(SourceTree.noise(300_000, seed: 7), to: sources.path("file"))
            let lazy = try LazyImage(of: sources.path)
            let list = sources.path("list")
            try write("not yet", to: list)
            let recording = try lazy.mount(["--record", list])
            #expect(try lazy.read("file", count: 300_000).succeeded)
            try runToSuccess(["umount", lazy.mountpoint])
            // In one step: it is the old one until it is the whole new one.
            var text = ""
            try eventually("the list is written") {
                text = try runToSuccess(["cat", list]).output
                #expect(
                    text == "not yet" || text.hasPrefix("# swift-erofs-fuse prefetch list 1\n") && text.hasSuffix("\n"))
                return text != "not yet"
            }
            #expect(text.contains("image.blob"))
            #expect(try recording.server.wait().succeeded)
        }

        /// A mount that another namespace still shows goes on being served: whoever unmounts is told so.
        @Test func anUnmountThatDoesNotEndTheServerIsAnError() throws {
            let sources = try TemporaryDirectory()
            try write(SourceTree.noise(300_000, seed: 7), to: sources.path("file"))
            let lazy = try LazyImage(of: sources.path)
            let mounted = try lazy.mount()
            let elsewhere = try RunningProcess(
                ["unshare", "--mount", "--propagation", "private", "sh", "-c", "echo there; exec sleep 1000"])
            try eventually("the other namespace") { elsewhere.outputSoFar.hasPrefix("there") }
            let outcome = try program(["umount", lazy.mountpoint])
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("process \(mounted.server.pid), has not ended"))
            #expect(try MountTable.entry(at: lazy.mountpoint) == nil)
            elsewhere.kill()
            #expect(try mounted.server.wait().succeeded)
        }
    }
}
