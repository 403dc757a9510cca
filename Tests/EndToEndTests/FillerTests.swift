// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

extension EndToEnd {
    /// A mount whose blobs an outside program fills.
    @Suite(.serialized, .requires(.root, .fuse, .tool("mkfs.erofs"), .tool("nginx")))
    struct FillerTests {
        /// A filler dies in the midst of it; readers wait for the next, and get the right bytes.
        @Test func aFillerMayBeReplaced() throws {
            let sources = try TemporaryDirectory()
            let content = SourceTree.noise(1 << 20, seed: 3)
            try write(content, to: sources.path("file"))
            let lazy = try LazyImage(of: sources.path)
            let socket = lazy.directory.path("filler")
            func filler() throws -> RunningProcess {
                try RunningProcess([PackageFiles.program(), "fill", "--from", lazy.blobs, socket])
            }
            let first = try filler()
            let options = ["--device", "image.blob1", "--device", "image.blob2", "--cache-dir", lazy.cache]
            let mounted = try MountedImage(
                lazy.image.path, at: lazy.mountpoint, options: options + ["--filler", socket, "--read-ahead", "0"])
            #expect(try lazy.read("file", count: 65_536).bytes == Array(content[..<65_536]))
            first.kill()
            // What is cached needs no filler.
            try dropCaches()
            #expect(try lazy.read("file", count: 65_536).bytes == Array(content[..<65_536]))
            let waiting = try lazy.startReading("file", count: content.count)
            try eventually("a reader that waits") {
                let waiting = try program(["metrics", lazy.mountpoint]).lines.first {
                    $0.hasPrefix("erofs_fuse_waiting_")
                }
                return waiting.map { !$0.hasSuffix(" 0") } ?? false
            }
            let second = try filler()
            #expect(try waiting.wait().bytes == content)
            try mounted.unmount()
            // Told of the end, it ends as well.
            #expect(try second.wait().status == 0)
        }

        /// The mount is killed in the midst of it: its filler ends, and mount and filler may come again at the same socket.
        @Test func aMountThatIsKilledLeavesItsFillerAnEnd() throws {
            let sources = try TemporaryDirectory()
            let content = SourceTree.noise(16 << 20, seed: 4)
            try write(content, to: sources.path("file"))
            let lazy = try LazyImage(of: sources.path)
            let socket = lazy.directory.path("filler")
            let options = ["--device", "image.blob1", "--device", "image.blob2", "--cache-dir", lazy.cache]
            func mount() throws -> (MountedImage, RunningProcess) {
                let filler = try RunningProcess([PackageFiles.program(), "fill", "--from", lazy.blobs, socket])
                let mounted = try MountedImage(
                    lazy.image.path, at: lazy.mountpoint, options: options + ["--filler", socket])
                return (mounted, filler)
            }
            let (killed, filler) = try mount()
            let reader = try lazy.startReading("file", count: content.count)
            try eventually("a fill under way") {
                try runToSuccess(["find", lazy.cache, "-name", "D*", "-size", "+64k"]).lines.count > 0
            }
            killed.abandon()
            #expect(try filler.wait().status == 0)
            #expect(try reader.wait().status != 0)
            let (mounted, next) = try mount()
            #expect(try lazy.read("file", count: content.count).bytes == content)
            try mounted.unmount()
            #expect(try next.wait().status == 0)
        }

        /// The example shows what its page in README says.
        @Test func explorationByHand() throws {
            let outcome = try run(["bash", PackageFiles.root + "/examples/explore.sh", try PackageFiles.program()])
            #expect(outcome.succeeded, "\(outcome.errors)")
            let lines = outcome.lines
            let verdicts = lines.filter { $0.contains("prep_read") }.map {
                $0.split(separator: " ")[2...4].joined(separator: " ")
            }
            #expect(verdicts == ["DOWN seek-enxio f=21", "READ have-data f=01", "READ have-data f=20"])
            #expect(lines.count { $0.hasPrefix("READ ") } == 1)
            #expect(lines.contains("the reader has got the right bytes"))
            #expect(lines.contains("data from 0x0 to 0x1000 of 0x31000"))
        }
    }
}
