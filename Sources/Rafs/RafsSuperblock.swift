// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The EROFS superblock as RAFS v6 fills it, and the extended superblock behind it.
///
/// | offset | size | field of the extended superblock at 1152 |
/// | --- | --- | --- |
/// | 0 | 8 | flags |
/// | 8 | 8 + 4 | blob table: offset, size |
/// | 20 | 4 | chunk size |
/// | 24 | 8 + 8 | chunk table: offset, size |
/// | 40 | 8 + 4 | prefetch table: offset, size |
package struct RafsSuperblock: Equatable, Sendable {
    /// Where the EROFS superblock lies.
    static let offset: UInt64 = 1024
    /// Bytes of both superblocks together.
    static let byteCount = 128 + 256
    private static let magic: UInt32 = 0xE0F5_E1E2
    private static let compatibleMarker: UInt32 = 0x4000_0000
    private static let incompatible: UInt32 = 0xC

    /// Log2 of the block size: 12, or 9 in tarfs mode.
    package let blockBits: UInt8
    /// The nid of the root directory.
    package let rootNID: UInt16
    /// How many device slots follow the superblocks.
    package let deviceCount: Int
    /// What the image as a whole is made with.
    package let flags: RafsFlags
    /// The nominal chunk size in bytes; a power of two from 4 KiB to 16 MiB.
    package let chunkSize: UInt32
    /// Where the blob table lies.
    let blobTable: Range<UInt64>
    /// Where the chunk table lies.
    let chunkTable: Range<UInt64>
    /// Where the prefetch table lies.
    let prefetchTable: Range<UInt64>

    /// Whether the 384 bytes at 1024 are those of a RAFS v6 bootstrap, by magic number and feature marker.
    package static func isRafs(_ bytes: [UInt8]) -> Bool {
        guard let record = Fields(bytes, at: 0, count: byteCount) else { return false }
        return record.u32(0) == magic && record.u32(8) & compatibleMarker != 0
            && record.u32(80) == incompatible && record.u16(88) == DeviceSlotTag.slot
    }

    /// Reads the 384 bytes at 1024.
    init(_ bytes: [UInt8]) throws(RafsError) {
        guard Self.isRafs(bytes), let record = Fields(bytes, at: 0, count: Self.byteCount) else { throw .notRafs }
        blockBits = record.u8(12)
        rootNID = record.u16(14)
        deviceCount = Int(record.u16(86))
        flags = RafsFlags(rawValue: record.u64(128))
        chunkSize = record.u32(128 + 20)
        blobTable = try Self.range(record.u64(136), UInt64(record.u32(144)), unit: 256, "blob_table")
        chunkTable = try Self.range(record.u64(152), record.u64(160), unit: 80, "chunk_table")
        let offset = record.u64(168)
        // Old empty images leave a size without an offset: there is no table then.
        prefetchTable = try Self.range(offset, offset == 0 ? 0 : UInt64(record.u32(176)), unit: 4, "prefetch_table")
        try check()
    }

    private func check() throws(RafsError) {
        try flags.check()
        guard blockBits == (flags.contains(.tarfs) ? 9 : 12) else {
            throw .damaged(.superblock, field: "blkszbits", value: UInt64(blockBits))
        }
        guard chunkSize.nonzeroBitCount == 1, (0x1000...0x100_0000).contains(chunkSize) else {
            throw .damaged(.superblock, field: "chunk_size", value: UInt64(chunkSize))
        }
        guard deviceCount <= 254 else {
            throw .damaged(.superblock, field: "extra_devices", value: UInt64(deviceCount))
        }
        guard blobTable.count == 256 * deviceCount else {
            throw .damaged(.superblock, field: "blob_table_size", value: UInt64(blobTable.count))
        }
        for table in [blobTable, chunkTable] where !table.isEmpty {
            guard table.lowerBound >= 4096, table.lowerBound % 4096 == 0 else {
                throw .damaged(.superblock, field: "table_offset", value: table.lowerBound)
            }
        }
    }

    private static func range(
        _ offset: UInt64, _ size: UInt64, unit: UInt64, _ field: RafsError.StaticName
    ) throws(RafsError) -> Range<UInt64> {
        guard size % unit == 0, offset.fits(size, within: 1 << 44) else {
            throw .damaged(.superblock, field: field, value: size)
        }
        return offset..<offset + size
    }
}
