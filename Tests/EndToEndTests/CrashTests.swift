// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

extension EndToEnd {
    @Suite(.serialized, .requires(.root, .fuse, .tool("mkfs.erofs"), .tool("nginx")))
    struct CrashTests {
        /// The server is killed in the middle of fetches, again and again: what the cache then holds is right.
        ///
        /// The moments come from a fixed seed. Whether a moment falls into a fetch is chance, but whatever it falls into,
        /// the next mount must serve the right bytes. With a limit the server is killed in the midst of trimming too.
        @Test(arguments: [nil, "4M"])
        func killedServersLeaveNoWrongByte(limit: String?) throws {
            let sources = try TemporaryDirectory()
            let contents = (0..<4).map { SourceTree.noise(4 << 20, seed: UInt64($0)) }
            for (number, content) in contents.enumerated() { try write(content, to: sources.path("file-\(number)")) }
            let lazy = try LazyImage(of: sources.path)
            let delays = SourceTree.noise(limit == nil ? 20 : 6, seed: 2026)
            let options = limit.map { ["--max-bytes", $0] } ?? []
            for (round, delay) in delays.enumerated() {
                let mounted = try lazy.mount(options)
                let readers = try (0..<4).map { number in
                    try lazy.startReading("file-\(number)", offset: round % 20 * 192 * 1024, count: 1 << 20)
                }
                usleep(UInt32(delay) * 400)
                mounted.abandon()
                for reader in readers { _ = try reader.wait() }
                try compare(contents, in: lazy, upTo: round % 20 * 192 * 1024 + (1 << 20))
            }
        }

        /// The disk of the cache loses what was not forced to it: what then is there is right, and is what the policy promises.
        @Test(
            .requires(.tool("python3"), .tool("mkfs.xfs"), .tool("mkfs.ext4"), .fileSystem("xfs"), .fileSystem("ext4")),
            arguments: ["every", "batched"])
        func powerCutsLoseNoMoreThanThePolicySays(policy: String) throws {
            let outcome = try run(
                ["python3", PackageFiles.root + "/examples/crash-trial.py", PackageFiles.program()]
                    + ["--rounds", "8", "--power-cut", "ext4", "--fsync", policy],
                environment: MountedImage.environment, within: 120)
            #expect(outcome.succeeded, "\(outcome.errors)")
            #expect(outcome.output.contains("\"rounds\": 8"))
            #expect(!outcome.output.contains("\"readBeforeCut\": 0"))
        }

        /// Mounts offline, so that only what is cached is shown, and compares what can be read.
        private func compare(_ contents: [[UInt8]], in lazy: LazyImage, upTo end: Int) throws {
            let mounted = try lazy.mount(["--offline"])
            for (number, content) in contents.enumerated() {
                let wrong = try wrongBlocks(of: content, in: "\(lazy.mountpoint)/file-\(number)", upTo: end)
                #expect(wrong == 0)
            }
            try mounted.unmount()
        }

        /// How many blocks can be read and are wrong; a block that is not cached gives an error and is passed over.
        private func wrongBlocks(of content: [UInt8], in path: String, upTo end: Int) throws -> Int {
            let file = open(path, O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { throw TestFailure("open \(path): errno \(errno)") }
            defer { close(file) }
            var block = [UInt8](repeating: 0, count: 65_536)
            return stride(from: 0, to: min(end, content.count), by: block.count).count { start in
                let count = pread(file, &block, block.count, start)
                return count > 0 && block.prefix(count) != content[start..<start + count]
            }
        }
    }
}
