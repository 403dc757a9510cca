// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EROFS

@Suite struct ExtentTests {
    private let nid = NodeID(rawValue: 50)

    /// Writes a compact file at nid 50 and asks for an extent of it.
    private func extent(
        _ inode: ImageBuilder.CompactInode, at offset: UInt64, isFlat: Bool = false,
        reach: UInt64 = Image.maximumMergedLength, _ change: (inout ImageBuilder) -> Void = { _ in }
    ) throws -> Extent {
        var builder = ImageBuilder.smallTree()
        builder.put(inode, at: 50 * 32)
        change(&builder)
        let image = try builder.open(isFlat: isFlat)
        return try image.extent(of: image.inode(nid), at: offset, reach: reach)
    }

    private func device(_ id: Int, _ block: UInt64) -> Extent.Source { .device(id: id, offset: block * 4096) }

    @Test func mapsPlainFiles() throws {
        let file = ImageBuilder.CompactInode(format: 0, mode: 0o100644, size: 10_000, union: 7)
        #expect(try extent(file, at: 0) == Extent(start: 0, length: 10_000, source: device(0, 7)))
        #expect(try extent(file, at: 9999) == Extent(start: 0, length: 10_000, source: device(0, 7)))
        #expect(try extent(file, at: 10_000) == Extent(start: 10_000, length: 0, source: .hole))
        #expect(try extent(file, at: .max).length == 0)
        var hole = file
        hole.union = .max
        #expect(try extent(hole, at: 5) == Extent(start: 0, length: 10_000, source: .hole))
    }

    @Test func mapsInlineTails() throws {
        let file = ImageBuilder.CompactInode(format: 4, mode: 0o100644, size: 4096 + 10, union: 7)
        let tail = MetadataPlace(stream: .primary, offset: 50 * 32 + 32)
        #expect(try extent(file, at: 4095) == Extent(start: 0, length: 4096, source: device(0, 7)))
        #expect(try extent(file, at: 4096) == Extent(start: 4096, length: 10, source: .inline(tail)))
        var whole = file
        whole.size = 0
        #expect(try extent(whole, at: 0).length == 0)
    }

    @Test func refusesInlineDataAcrossABlock() throws {
        let room = UInt32(4096 - 50 * 32 - 32)
        let file = ImageBuilder.CompactInode(format: 4, mode: 0o100644, size: room)
        #expect(try extent(file, at: 0).length == UInt64(room))
        var crossing = file
        crossing.size += 1
        let error = ImageError.damaged(.inode(nid), field: "inline data length", value: UInt64(room) + 1)
        #expect(throws: error) { try extent(crossing, at: 0) }
    }

    @Test func giveNoContentToSpecialFiles() throws {
        let pipe = ImageBuilder.CompactInode(format: 0, mode: 0o010644, size: 100, union: 7)
        #expect(try extent(pipe, at: 0).length == 0)
    }

    @Test func mapsFourByteChunks() throws {
        let file = ImageBuilder.CompactInode(format: 8, mode: 0o100644, size: 4096 * 6 - 1)
        func at(_ offset: UInt64, _ reach: UInt64 = .max) throws -> Extent {
            try extent(file, at: offset, reach: reach) {
                for (index, block) in [5, 6, 7, UInt32.max, .max, 9].enumerated() {
                    $0.put(block, at: 51 * 32 + 4 * index)
                }
            }
        }
        #expect(try at(0) == Extent(start: 0, length: 3 * 4096, source: device(0, 5)))
        #expect(try at(4097) == Extent(start: 4096, length: 2 * 4096, source: device(0, 6)))
        #expect(try at(4097, 1) == Extent(start: 4096, length: 4096, source: device(0, 6)))
        #expect(try at(0, 4097) == Extent(start: 0, length: 2 * 4096, source: device(0, 5)))
        #expect(try at(0, 0) == Extent(start: 0, length: 4096, source: device(0, 5)))
        #expect(try at(3 * 4096) == Extent(start: 3 * 4096, length: 2 * 4096, source: .hole))
        #expect(try at(5 * 4096) == Extent(start: 5 * 4096, length: 4095, source: device(0, 9)))
    }

    @Test func boundsMerging() throws {
        // 32 chunks of 1 MiB; a single call merges 16 MiB from the offset on.
        let file = ImageBuilder.CompactInode(format: 8, mode: 0o100644, size: 32 << 20, union: 8)
        let extent = try extent(file, at: 0) {
            for index in 0..<32 { $0.put(UInt32(256 * index), at: 51 * 32 + 4 * index) }
        }
        #expect(extent == Extent(start: 0, length: 16 << 20, source: device(0, 0)))
    }

    /// A file of one chunk with an 8-byte entry, in an image with two devices of 4 blocks at blocks 2 and 6.
    private func indexed(
        _ entry: String, size: UInt32 = 4096, format: UInt32 = 0x20, at offset: UInt64 = 0, unified: Bool = true,
        isFlat: Bool = false
    ) throws -> Extent {
        let file = ImageBuilder.CompactInode(format: 8, mode: 0o100644, size: size, union: format)
        return try extent(file, at: offset, isFlat: isFlat) {
            $0.setFeatures(incompatible: 0x88)
            $0.put(UInt16(2), at: 1024 + 0x56)
            $0.put(UInt16(9), at: 1024 + 0x58)
            for device in 0..<2 {
                $0.put(UInt32(4), at: 0x480 + 128 * device + 64)
                $0.put(UInt32(unified ? 2 + 4 * device : 0), at: 0x480 + 128 * device + 68)
            }
            $0.putDirectory(nid: 80, [("..", 80, 2)])
            $0.put(UInt16(80), at: 1024 + 0x0E)
            $0.put(hexadecimal(entry), at: 51 * 32)
        }
    }

    @Test func mapsEightByteChunks() throws {
        #expect(try indexed("0000 0100 03000000").source == device(1, 3))
        #expect(try indexed("0000 0200 03000000").source == device(2, 3))
        #expect(try indexed("0000 0000 ffffffff").source == .hole)
        #expect(try indexed("0500 0000 ffffffff").source == .hole)
        #expect(try indexed("0500 0000 ffffffff", format: 0x60).source == device(0, 0x5_FFFF_FFFF))
        #expect(try indexed("ffff 0000 ffffffff", format: 0x60).source == .hole)
        #expect(try indexed("0500 0100 03000000").source == device(1, 3))
        #expect(try indexed("0500 0100 03000000", format: 0x60).source == device(1, 0x5_0000_0003))
    }

    @Test func masksDeviceIDs() throws {
        #expect(try indexed("0000 0500 03000000").source == device(1, 3))
        #expect(try indexed("0000 0400 01000000").source == device(0, 1))
        #expect(throws: ImageError.noDevice(id: 3)) { try indexed("0000 0300 03000000") }
    }

    @Test func findsDevicesByUnifiedAddress() throws {
        #expect(try indexed("0000 0000 01000000").source == device(0, 1))
        #expect(try indexed("0000 0000 02000000").source == device(1, 0))
        #expect(try indexed("0000 0000 07000000").source == device(2, 1))
        #expect(try indexed("0000 0000 0a000000").source == device(0, 10))
        #expect(try indexed("0000 0000 02000000", unified: false).source == device(0, 2))
    }

    @Test func stopsAtTheEndOfADevice() throws {
        let across = "0000 0000 01000000 0000 0000 02000000 0000 0000 03000000"
        #expect(try indexed(across, size: 3 * 4096) == Extent(start: 0, length: 4096, source: device(0, 1)))
        #expect(
            try indexed(across, size: 3 * 4096, at: 5000) == Extent(start: 4096, length: 8192, source: device(1, 0)))
        // One chunk of four blocks that begins two blocks before the end of device 1's window.
        let chunk = "0000 0000 04000000"
        #expect(
            try indexed(chunk, size: 4 * 4096, format: 0x22)
                == Extent(start: 0, length: 8192, source: device(1, 2)))
        #expect(
            try indexed(chunk, size: 4 * 4096, format: 0x22, at: 8192)
                == Extent(start: 8192, length: 8192, source: device(2, 0)))
    }

    @Test func readsAllDevicesFromOneFileWhenFlat() throws {
        #expect(try indexed("0000 0100 03000000", isFlat: true).source == device(0, 5))
        #expect(try indexed("0000 0200 03000000", isFlat: true).source == device(0, 9))
        #expect(try indexed("0000 0000 03000000", isFlat: true).source == device(0, 3))
        #expect(throws: ImageError.noDevice(id: 1)) { try indexed("0000 0100 03000000", unified: false, isFlat: true) }
    }

    @Test func survivesTheLargestAddresses() throws {
        #expect(throws: Never.self) { try indexed("ffff 0100 feffffff", format: 0x60, at: 4095) }
        let image = try ImageBuilder.smallTree(blockBits: 16).open()
        #expect(throws: ImageError.self) { try image.resolve(address: .max) }
        #expect(try image.resolve(address: .max - 1).remaining == 1)
    }

    @Test func refusesChunkEntriesBeyondTheImage() throws {
        let file = ImageBuilder.CompactInode(format: 8, mode: 0o100644, size: .max)
        #expect(throws: ImageError.outOfBounds(offset: 51 * 32 + 4 * 1_048_575, count: 4, size: 8192)) {
            try extent(file, at: 0xFFFF_FFFE)
        }
        // The last entries of the image are read although those after them are missing.
        let last = UInt64((8192 - 51 * 32) / 4 - 1)
        #expect(try extent(file, at: last * 4096).length == 4096)
    }
}
