// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EROFS

@Suite struct SuperblockTests {
    @Test(arguments: 9...16) func acceptsEveryBlockSize(bits: Int) throws {
        let image = try ImageBuilder.smallTree(blockBits: bits).open()
        #expect(image.superblock.blockSize == 1 << bits)
        #expect(try image.directory(image.inode(image.root)).find("f") == 44)
    }

    @Test func computesTheChecksumOfAKnownBlock() throws {
        // The start state that Linux documents: magic and a zero checksum taken in.
        var crc = CRC32C()
        hexadecimal("e2e1f5e0 00000000").withUnsafeBytes { crc.update($0) }
        #expect(crc.value == 0x5045_B54A)
        var check = CRC32C()
        Array("123456789".utf8).withUnsafeBytes { check.update($0) }
        #expect(~check.value == 0xE306_9283)
    }

    @Test(arguments: [9, 10, 11, 12, 16]) func verifiesTheChecksumOverTheRightRange(bits: Int) throws {
        var builder = ImageBuilder.smallTree(blockBits: bits)
        builder.setFeatures(compatible: 1)
        let covered = bits > 10 ? 1024..<1 << bits : 1024..<1024 + (1 << bits)
        var crc = CRC32C()
        builder.bytes[covered].withUnsafeBytes { crc.update($0) }
        builder.put(crc.value, at: 1028)
        #expect(builder.openingError() == nil)
        var damaged = builder
        damaged.bytes[covered.upperBound - 1] ^= 1
        guard case .badChecksum = damaged.openingError() else { return #expect(Bool(false), "damage not seen") }
        var outside = builder
        outside.bytes[1023] ^= 1
        #expect(outside.openingError() == nil)
    }

    @Test func refusesWhatLinuxRefuses() {
        let cases: [(Int, UInt32, ImageError)] = [
            (0x00, 0xE0F5_E1E3, .notEROFS(magic: 0xE0F5_E1E3)),
            (0x0C, 40 << 16 | 8, .invalid(.superblock, field: "blkszbits", value: 8)),
            (0x0C, 40 << 16 | 17, .invalid(.superblock, field: "blkszbits", value: 17)),
            (0x0C, 40 << 16 | 255 << 8 | 12, .invalid(.superblock, field: "sb_extslots", value: 255)),
            (0x58, 1 << 16, .invalid(.superblock, field: "dirblkbits", value: 1)),
            (0x50, 0x8000_0200, .unknownFeatures(0x8000_0200)),
            (0x50, 0x100, .damaged(.superblock, field: "sb_extslots", value: 0)),
        ]
        for (offset, value, error) in cases {
            var builder = ImageBuilder.smallTree()
            builder.put(value, at: 1024 + offset)
            #expect(builder.openingError() == error)
        }
    }

    @Test func refusesAnImageTooShort() {
        var builder = ImageBuilder.smallTree()
        builder.bytes.removeSubrange(1151...)
        #expect(builder.openingError() == .truncated(size: 1151))
        #expect(throws: ImageError.truncated(size: 0)) { try Image(.copying([])) }
        #expect(throws: ImageError.truncated(size: 0)) { try Image(.copying([1, 2, 3]), offset: 4) }
    }

    @Test func acceptsUnknownCompatibleFeaturesAndALongLabel() throws {
        var builder = ImageBuilder.smallTree()
        builder.setFeatures(compatible: 0xFFFF_FF00)
        builder.put(Array("sixteen letters!".utf8), at: 1024 + 0x40)
        #expect(try builder.open().superblock.volumeName == Array("sixteen letters!".utf8))
    }

    @Test func takesTheWideRootAndBlockCountOnlyTogether() throws {
        var builder = ImageBuilder.smallTree()
        builder.setFeatures(incompatible: 0x80)
        #expect(try builder.open().superblock.blockCount == 2)
        builder.put(UInt64(40), at: 1024 + 0x70)
        let image = try builder.open()
        #expect(image.root.rawValue == 40)
        #expect(image.superblock.blockCount == 40 << 32 | 2)
    }

    @Test func refusesARootThatIsNoDirectory() {
        var builder = ImageBuilder.smallTree()
        builder.put(UInt16(44), at: 1024 + 0x0E)
        #expect(builder.openingError() == .invalid(.superblock, field: "root mode", value: 0o100644))
        builder.put(UInt16(0), at: 44 * 32 + 4)
        #expect(builder.openingError() == .damaged(.inode(NodeID(rawValue: 44)), field: "i_mode", value: 0))
    }

    @Test func opensAnImageInsideAFile() throws {
        let inner = ImageBuilder.smallTree()
        let image = try Image(.copying([UInt8](repeating: 0xAA, count: 3072) + inner.bytes), offset: 3072)
        #expect(try image.directory(image.inode(image.root)).find("f") == 44)
        #expect(try image.resolve(address: 4096).offset == 3072 + 4096)
    }

    @Test func acceptsTheMostExtensionSlots() throws {
        var builder = ImageBuilder.smallTree()
        builder.put(UInt8(184), at: 1024 + 0x0D)
        #expect(try builder.open().superblock.length == 3072)
        builder.put(UInt8(185), at: 1024 + 0x0D)
        #expect(builder.openingError() == .invalid(.superblock, field: "sb_extslots", value: 185))
    }
}
