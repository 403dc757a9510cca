// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    @Suite(.serialized, .requires(.root, .fuse, .tool("mkfs.erofs")))
    struct BadImageTests {
        /// A way to spoil a superblock, and a word that the complaint has to contain.
        struct Damage: Sendable {
            let name: String
            let word: String
            let spoil: @Sendable (inout [UInt8]) -> Void
        }

        static let refusals: [Damage] = [
            Damage(name: "empty", word: "") { $0.removeAll() },
            Damage(name: "cut in the superblock", word: "") { $0.removeLast($0.count - 1100) },
            Damage(name: "wrong magic", word: "magic") { $0[1024] ^= 1 },
            Damage(name: "flipped checksum", word: "checksum") { $0[1028] ^= 0x80 },
            Damage(name: "unknown incompatible feature", word: "feature") { $0[1024 + 83] |= 0x40 },
            Damage(name: "impossible block size", word: "block") { $0[1024 + 12] = 40 },
            Damage(name: "too many devices", word: "device") { $0[1024 + 86] = 9 },
        ]

        @Test func damagedImagesAreRefusedInOneLine() throws {
            let directory = try TemporaryDirectory()
            let original = try bytes(ofFile: image(in: directory))
            let mountpoint = try directory.makeDirectory("mnt")
            for damage in BadImageTests.refusals {
                var spoiled = original
                damage.spoil(&spoiled)
                let path = directory.path("spoiled.erofs")
                try write(spoiled, to: path)
                for command in [["mount", path, mountpoint], ["check", path]] {
                    let outcome = try program(command)
                    #expect(outcome.status == 1, "\(damage.name): \(command[0]) exits \(outcome.status)")
                    #expect(outcome.errors.split(separator: "\n").count <= 1, "\(damage.name): \(outcome.errors)")
                    let said = (outcome.errors + outcome.output).lowercased()
                    #expect(said.contains(damage.word), "\(damage.name): \(said)")
                }
                #expect(try MountTable.entry(at: mountpoint) == nil, "\(damage.name)")
            }
        }

        /// Damage behind the superblock spoils what it is in, and nothing else.
        @Test func damageOfOneInodeIsItsOwn() throws {
            let directory = try TemporaryDirectory()
            let tree = try directory.makeDirectory("tree")
            try write(SourceTree.noise(20_000, seed: 1), to: "\(tree)/a")
            try write(SourceTree.noise(20_000, seed: 2), to: "\(tree)/b")
            let made = try ErofsImage.make("image", from: tree, in: directory, options: ["-Enosbcrc"])
            var spoiled = try bytes(ofFile: made.path)
            let inode = try #require(inodes(in: spoiled, ofSize: 20_000).first)
            // Layout 7 does not exist.
            spoiled[inode] |= 0x0e
            try write(spoiled, to: made.path)
            let mountpoint = try directory.makeDirectory("mnt")
            let mounted = try MountedImage(made.path, at: mountpoint)
            let results = try ["a", "b"].map { try run(["cat", "\(mountpoint)/\($0)"]) }
            #expect(results.count { $0.succeeded } == 1)
            #expect(
                results.count { $0.bytes == SourceTree.noise(20_000, seed: 1) }
                    + results.count { $0.bytes == SourceTree.noise(20_000, seed: 2) } == 1)
            try mounted.unmount()
            #expect(try program(["check", made.path]).status == 1)
        }

        private func image(in directory: TemporaryDirectory) throws -> String {
            let tree = try directory.makeDirectory("tree")
            try write(SourceTree.noise(50_000, seed: 3), to: "\(tree)/file")
            return try ErofsImage.make("image", from: tree, in: directory).path
        }

        /// Where 32-byte or 64-byte inodes of regular files with a size begin.
        private func inodes(in image: [UInt8], ofSize size: UInt32) -> [Int] {
            let little = (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) }
            return stride(from: 1152, to: image.count - 32, by: 32).filter { at in
                Array(image[at + 8..<at + 12]) == little && image[at + 5] & 0xf0 == 0x80
            }
        }
    }
}
