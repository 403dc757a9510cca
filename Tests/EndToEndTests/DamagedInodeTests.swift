// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    /// Damage behind the superblock: it spoils what it is in, and nothing else.
    @Suite(.serialized, .requires(.root, .fuse, .tool("mkfs.erofs")))
    struct DamagedInodeTests {
        private let directory: TemporaryDirectory
        private let image: ErofsImage
        private let mountpoint: String
        private var content: [UInt8]

        init() throws {
            directory = try TemporaryDirectory()
            let tree = try directory.makeDirectory("tree")
            try write(SourceTree.noise(20_000, seed: 1), to: "\(tree)/bad")
            try write(SourceTree.noise(30_000, seed: 2), to: "\(tree)/good")
            try runToSuccess(["mkdir", "-p", "\(tree)/folder/unusual-name"])
            let options = ["-Enosbcrc,noinline_data"]
            image = try ErofsImage.make("image", from: tree, in: directory, options: options)
            mountpoint = try directory.makeDirectory("mnt")
            content = try bytes(ofFile: image.path)
        }

        @Test func anUnknownLayoutSpoilsOneFile() throws {
            let inode = try #require(inodes(ofSize: 20_000).first)
            var spoiled = content
            spoiled[inode] |= 0x0e
            try expectOnlyBadIsUnreadable(spoiled)
        }

        @Test func anExtentOutsideSpoilsOneFile() throws {
            let inode = try #require(inodes(ofSize: 20_000).first)
            var spoiled = content
            for byte in 16..<19 { spoiled[inode + byte] = 0xf0 }
            try expectOnlyBadIsUnreadable(spoiled)
        }

        @Test func aNameOutsideSpoilsOneDirectory() throws {
            var spoiled = content
            let block = try directoryBlock()
            spoiled[block + 24 + 8] = 0xff
            spoiled[block + 24 + 9] = 0xff
            try expect(spoiled, "ls", "-l", "folder")
        }

        /// An entry that leads back to its own directory.
        @Test func aLoopEnds() throws {
            var spoiled = content
            let block = try directoryBlock()
            for byte in 0..<8 { spoiled[block + 24 + byte] = spoiled[block + byte] }
            try expect(spoiled, "ls", "-lR", "folder")
        }

        /// The kernel waits until it has forgotten what it would not take, and io_uring has that answered.
        @Test(.requires(.fuseRings)) func aLoopEndsThroughIOUring() throws { try FuseRings.allowed { try aLoopEnds() } }

        private func expectOnlyBadIsUnreadable(_ spoiled: [UInt8]) throws { try expect(spoiled, "cat", "bad") }

        /// The command fails or ends at least, the good file is as it was, and `check` finds the damage.
        private func expect(_ spoiled: [UInt8], _ command: String...) throws {
            try write(spoiled, to: image.path)
            let mounted = try MountedImage(image.path, at: mountpoint)
            let what = command.dropLast() + ["\(mountpoint)/\(command.last ?? "")"]
            #expect(try run(Array(what)).status != 0, "\(command)")
            #expect(try runToSuccess(["cat", "\(mountpoint)/good"]).bytes == SourceTree.noise(30_000, seed: 2))
            try mounted.unmount()
            #expect(try program(["check", image.path]).status == 1)
        }

        /// Where inodes of regular files with a size begin.
        private func inodes(ofSize size: UInt32) -> [Int] {
            let little = (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) }
            return stride(from: 1152, to: content.count - 64, by: 32).filter { at in
                content[at + 8..<at + 12].elementsEqual(little) && content[at + 5] & 0xf0 == 0x80
            }
        }

        /// Where the block of `folder` begins: three entries of 12 bytes, then the names `.`, `..` and `unusual-name`.
        private func directoryBlock() throws -> Int {
            let names = Array("...unusual-name".utf8)
            let found = content.indices.first { content[$0...].starts(with: names) }
            return try #require(found) - 36
        }
    }
}
