// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EROFS

/// Inodes with extent records.
@Suite struct ExtentRecordsTests {
    @Test func readsRecordsOfEightBytes() throws {
        var file = CompressedFile(size: 131_172, features: 0x23, packedInode: 60)
        file.header = hexadecimal("00000000 2300 00 04")
        file.index = hexadecimal("14000040 00a01600 14000048 00a01600 34120000 01000000")
        #expect(try file.extent(at: 65535) == .cluster(0, 65536, at: 0x16A000, 20, .zstd))
        #expect(try file.extent(at: 65536) == .cluster(65536, 65536, at: 0x16A000, 20, .zstd, isPartial: true))
        let tail = Extent(start: 131_072, length: 100, source: .fragment(offset: 0x1_0000_1234))
        #expect(try file.extent(at: 131_171) == tail)
    }

    @Test func readsRecordsOfSixteenBytes() throws {
        var file = CompressedFile(size: 0x9000)
        file.header = hexadecimal("03000000 0500 00 00")
        file.index =
            hexadecimal("ffffffffffffffff 00400010 00100000 01000000 00100000")
            + hexadecimal("00000000 00000000 00000000 00800000 04000000 07000000 00000000 fc8f0000")
        #expect(try file.extent(at: 0) == Extent(start: 0, length: 0x1000, source: .hole))
        #expect(try file.extent(at: 0x7FFF) == .cluster(0x1000, 0x7000, at: 0x1_0000_1000, 0x4000, .lz4))
        #expect(try file.extent(at: 0x8001) == Extent(start: 0x8000, length: 0xFFC, source: .hole))
        #expect(try file.extent(at: 0x8FFF) == .cluster(0x8FFC, 4, at: 7, 4, .shifted))
    }

    @Test func readsRecordsOfThirtyTwoBytes() throws {
        var file = CompressedFile(size: 0x3000)
        file.header = hexadecimal("02000000 1700 00 00")
        file.index =
            hexadecimal("00100000 00200000 00000000 00000000 00000000 000000000000000000000000")
            + hexadecimal("00200000 00400000 00000000 00100000 00000000 000000000000000000000000")
        // Records start at the next multiple of 32 bytes.
        let gap = (32 - (file.nid * 32 + 40) % 32) % 32
        file.index = [UInt8](repeating: 0xFF, count: gap) + file.index
        #expect(try file.extent(at: 0) == .cluster(0, 0x1000, at: 0x2000, 0x1000, .interlaced))
        #expect(try file.extent(at: 0x2FFF) == .cluster(0x1000, 0x2000, at: 0x4000, 0x2000, .interlaced))
    }

    @Test func addsUpLengthsWhereOnlyTheFirstAddressIsStored() throws {
        let count = 2600
        var builder = CompressedFile(size: UInt32(count * 4096) - 5)
        builder.header = hexadecimal("00000000 0100 00 00")
        builder.index = hexadecimal("0030250000000000")
        var address: UInt64 = 0x253000
        var expected: [Extent] = []
        for number in 0..<count {
            let length = number % 7 + 1
            builder.index += [UInt8(length), 0, 0, 0x40]
            let size: UInt64 = number + 1 == count ? 4091 : 4096
            expected.append(.cluster(UInt64(number) * 4096, size, at: address, length, .zstd))
            address += UInt64(length)
        }
        let image = try builder.open()
        let inode = try image.inode(NodeID(rawValue: UInt64(builder.nid)))
        for number in [2599, 0, 1023, 1024, 1025, 2047, 2048, 2599, 5, 1500] {
            #expect(try image.extent(of: inode, at: UInt64(number) * 4096 + 7) == expected[number], "\(number)")
        }
    }

    @Test func refusesRecordsBeyondTheFile() {
        var file = CompressedFile(size: 0x1000)
        file.header = hexadecimal("02000000 0500 00 00")
        file.index =
            hexadecimal("0000000000000000 00100000 00100000 00000000 00000000")
            + hexadecimal("00100000 00100000 00000000 00200000")
        #expect(file.complaint(at: 0) == "lstart")
    }

    @Test func refusesWhatNoClusterMayBe() {
        var file = CompressedFile(size: 13 << 20)
        file.header = hexadecimal("01000000 0500 00 00")
        file.index = hexadecimal("0000000000000000 00100010 00100000 00000000 00000000")
        #expect(file.complaint() == "unsupported extent length")
        file.size = 0x1000
        file.index = hexadecimal("0000000000000000 01001010 00100000 00000000 00000000")
        #expect(file.complaint() == "unsupported cluster length")
        file.index = hexadecimal("0000000000000000 00100060 00100000 00000000 00000000")
        #expect(file.complaint() == "unsupported algorithm")
        file.index = hexadecimal("0000000000000000 ff0f0000 00100000 00000000 00000000")
        #expect(file.complaint() == "unsupported stored cluster length")
        file.header = hexadecimal("ffffffff 0500 ff 7f")
        #expect(file.complaint()?.contains("beyond the end") == true)
    }
}
