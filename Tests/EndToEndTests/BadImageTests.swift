// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    /// Images that must not be mounted: each is refused in one line, which names what is wrong.
    @Suite(.serialized, .requires(.root, .fuse, .tool("mkfs.erofs")))
    struct BadImageTests {
        /// A way to spoil a superblock, and a word that the complaint has to contain.
        struct Damage: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let word: String
            /// With a checksum, any other damage would show as a wrong checksum first.
            var checksum = false
            let spoil: @Sendable (inout [UInt8]) -> Void
        }

        static let damages: [Damage] = [
            Damage(testDescription: "empty", word: "") { $0.removeAll() },
            Damage(testDescription: "cut in the superblock", word: "") { $0.removeLast($0.count - 1100) },
            Damage(testDescription: "wrong magic", word: "magic") { $0[1024] ^= 1 },
            Damage(testDescription: "flipped checksum", word: "checksum", checksum: true) { $0[1028] ^= 0x80 },
            Damage(testDescription: "unknown incompatible feature", word: "feature") { $0[1024 + 83] |= 0x40 },
            Damage(testDescription: "impossible block size", word: "block") { $0[1024 + 12] = 40 },
            Damage(testDescription: "more devices than slots", word: "device") {
                $0[1024 + 80] |= 0x8
                $0[1024 + 86] = 9
                $0[1024 + 88] = 0xff
                $0[1024 + 89] = 0xff
            },
        ]

        @Test(arguments: damages) func isRefusedInOneLine(_ damage: Damage) throws {
            let directory = try TemporaryDirectory()
            let tree = try directory.makeDirectory("tree")
            try write(SourceTree.noise(50_000, seed: 3), to: "\(tree)/file")
            let options = damage.checksum ? [] : ["-Enosbcrc"]
            let image = try ErofsImage.make("image", from: tree, in: directory, options: options)
            var spoiled = try bytes(ofFile: image.path)
            damage.spoil(&spoiled)
            try write(spoiled, to: image.path)

            let mountpoint = try directory.makeDirectory("mnt")
            for command in [["mount", image.path, mountpoint], ["check", image.path]] {
                let outcome = try program(command)
                #expect(outcome.status == 1, "\(command[0])")
                #expect(outcome.errors.split(separator: "\n").count <= 1, "\(outcome.errors)")
                #expect((outcome.errors + outcome.output).lowercased().contains(damage.word), "\(outcome.errors)")
            }
            #expect(try MountTable.entry(at: mountpoint) == nil)
        }
    }
}
