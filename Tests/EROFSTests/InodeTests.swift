// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EROFS

@Suite struct InodeTests {
    private let nid = NodeID(rawValue: 50)

    /// Reads an inode whose first bytes are given, at nid 50 of a small image.
    private func inode(_ text: String, _ change: (inout ImageBuilder) -> Void = { _ in }) throws -> Inode {
        var builder = ImageBuilder.smallTree()
        builder.put(hexadecimal(text), at: 50 * 32)
        change(&builder)
        return try builder.open().inode(nid)
    }

    @Test func readsACompactInode() throws {
        let inode = try inode("0400 0000 ed41 0300 6b000000 00000000 ffffffff 01000000 0102 0304 00000000") {
            $0.put(Int64(1_700_000_000), at: 1024 + 0x18)
            $0.put(UInt32(7), at: 1024 + 0x20)
        }
        #expect(inode.type == .directory && inode.mode == 0o040755 && inode.linkCount == 3 && inode.size == 0x6B)
        #expect(inode.layout == .flatInline && inode.serial == 1)
        #expect(inode.userID == 0x0201 && inode.groupID == 0x0403)
        #expect(inode.modificationSeconds == 1_700_000_000 && inode.modificationNanoseconds == 7)
        #expect(inode.endOffset == 50 * 32 + 32)
    }

    @Test func addsTheTimeOfACompactInodeToTheEpoch() throws {
        let inode = try inode("0000 0000 a481 0100 00000000 ffffffff") { $0.put(Int64(-5), at: 1024 + 0x18) }
        #expect(inode.modificationSeconds == 0xFFFF_FFFF - 5)
    }

    @Test func readsAnExtendedInode() throws {
        let inode = try inode(
            """
            0500 0200 a481 0000 0100000000000000 ffffffff 09000000 11223344 55667788 00105e5f00000000
            0065cd1d 05000000
            """)
        #expect(inode.isExtended && inode.size == 1 && inode.linkCount == 5)
        #expect(inode.userID == 0x4433_2211 && inode.groupID == 0x8877_6655)
        #expect(inode.modificationSeconds == 1_600_000_000 && inode.modificationNanoseconds == 500_000_000)
        #expect(inode.attributeBodyLength == 16 && inode.endOffset == 50 * 32 + 64 + 16)
    }

    @Test func decodesDeviceNumbers() throws {
        let inode = try inode("0000 0000 a421 0100 00000000 00000000 ff03f1ff")
        #expect(inode.type == .characterDevice && inode.deviceMajor == 259 && inode.deviceMinor == 0xFFFFF)
        #expect(try self.inode("0000 0000 a411 0100 00000000 00000000 ff03f1ff").deviceNumber == 0)
    }

    @Test func takesTheHighBlockBitsOnlyUnderTheirFlag() throws {
        #expect(try inode("0000 0000 a481 0700 01000000 00000000 05000000").startBlock == 5)
        let single = try inode("1000 0000 a481 0700 01000000 00000000 05000000")
        #expect(single.startBlock == 7 << 32 | 5 && single.linkCount == 1)
        #expect(try inode("0100 0000 a481 0700 0100000000000000 05000000").startBlock == 7 << 32 | 5)
        let directory = try inode("1000 0000 ed41 0700 01000000 00000000 05000000")
        #expect(directory.startBlock == 5 && directory.linkCount == 7 && directory.isDotOmitted)
    }

    @Test func findsHolesByTheBitsThatCount() throws {
        #expect(try inode("0000 0000 a481 0100 01000000 00000000 ffffffff").startBlock == nil)
        #expect(try inode("1000 0000 a481 0100 01000000 00000000 ffffffff").startBlock == 1 << 32 | 0xFFFF_FFFF)
        #expect(try inode("1000 0000 a481 ffff 01000000 00000000 ffffffff").startBlock == nil)
        #expect(try inode("0100 0000 a481 ffff 0100000000000000 ffffffff").startBlock == nil)
        #expect(try inode("0100 0000 a481 0000 0100000000000000 ffffffff").startBlock == 0xFFFF_FFFF)
    }

    @Test func countsSectors() throws {
        let plain = try inode("0000 0000 a481 0100 01100000 00000000 05000000")
        #expect(plain.sectorCount(blockBits: 12) == 16)
        let compressed = try inode("0300 0000 a481 0100 0100000000000000 20000000")
        #expect(compressed.sectorCount(blockBits: 12) == (1 << 32 | 0x20) * 8)
    }

    @Test func refusesWhatLinuxRefuses() {
        let place = ImageError.Place.inode(nid)
        let cases: [(String, ImageError)] = [
            ("2000 0000 a481", .unsupported(place, field: "i_format", value: 0x20)),
            ("0a00 0000 a481", .unsupported(place, field: "layout", value: 5)),
            ("0c00 0000 a481", .unsupported(place, field: "layout", value: 6)),
            ("0e00 0000 a481", .unsupported(place, field: "layout", value: 7)),
            ("0000 0000 0000", .damaged(place, field: "i_mode", value: 0)),
            ("0000 0000 a4f1", .damaged(place, field: "i_mode", value: 0xF1A4)),
            ("0100 0000 a481 0000 0000000000000080", .damaged(place, field: "i_size", value: 1 << 63)),
            (
                "0800 0000 a481 0100 01000000 00000000 80000000",
                .unsupported(place, field: "chunk format", value: 0x80)
            ),
        ]
        for (text, error) in cases {
            #expect(throws: error) { try inode(text) }
        }
    }

    @Test func refusesNumbersBeyondTheImage() throws {
        let image = try ImageBuilder.smallTree().open()
        for raw in [256, 1 << 58, UInt64.max >> 1] {
            #expect(throws: ImageError.self) { try image.inode(NodeID(rawValue: raw)) }
        }
        #expect(throws: ImageError.notAttached(.metabox)) { try image.inode(NodeID(rawValue: 1 << 63)) }
    }

    @Test func refusesAnExtendedInodeCutOffByTheEnd() throws {
        var builder = ImageBuilder.smallTree()
        builder.put(hexadecimal("0100 0000 a481"), at: 8192 - 32)
        let image = try builder.open()
        #expect(throws: ImageError.outOfBounds(offset: 8160, count: 64, size: 8192)) {
            try image.inode(NodeID(rawValue: 255))
        }
    }

    @Test func readsThroughTheMetadataBlock() throws {
        var builder = ImageBuilder.smallTree()
        builder.bytes += [UInt8](repeating: 0, count: 4096)
        builder.bytes.replaceSubrange(8192..., with: builder.bytes[0..<4096])
        builder.put(UInt32(2), at: 1024 + 0x28)
        #expect(try builder.open().inode(NodeID(rawValue: 44)).place.offset == 8192 + 44 * 32)
    }
}
