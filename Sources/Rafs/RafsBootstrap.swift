// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import EROFS

/// A RAFS v6 bootstrap: its superblocks and tables, checked against each other.
///
/// Files and directories are plain EROFS and not this type's business.
package struct RafsBootstrap: Sendable {
    /// The superblocks.
    package let superblock: RafsSuperblock
    /// The blobs, in the order of the device slots: blob `n` is device `n + 1`.
    package let blobs: [BlobEntry]
    /// The nids of files and directories to fetch ahead, in the user's order.
    package let prefetch: [UInt32]
    /// The image's own table of chunks.
    let chunkTable: ChunkTable

    /// Whether the image is a RAFS v6 bootstrap; false also when it is too short.
    package static func isRafs(_ image: ImageBytes) throws(RafsError) -> Bool {
        guard image.count >= RafsSuperblock.offset + UInt64(RafsSuperblock.byteCount) else { return false }
        return RafsSuperblock.isRafs(
            try image.copy(at: RafsSuperblock.offset, count: RafsSuperblock.byteCount, .superblock))
    }

    /// Reads the tables; of the chunk table only the place.
    package init(_ image: ImageBytes) throws(RafsError) {
        guard try Self.isRafs(image) else { throw .notRafs }
        superblock = try RafsSuperblock(
            try image.copy(at: RafsSuperblock.offset, count: RafsSuperblock.byteCount, .superblock))
        blobs = try Self.blobs(superblock, image)
        prefetch = try Self.prefetch(superblock, image)
        chunkTable = ChunkTable(image: image, range: superblock.chunkTable, blobCount: blobs.count)
        guard superblock.chunkTable.upperBound <= image.count || superblock.chunkTable.isEmpty else {
            throw .damaged(.superblock, field: "chunk_table_size", value: UInt64(superblock.chunkTable.count))
        }
        try checkDevices(image)
    }

    private static func blobs(
        _ superblock: RafsSuperblock, _ image: ImageBytes
    ) throws(RafsError) -> [BlobEntry] {
        let table = try image.copy(
            at: superblock.blobTable.lowerBound, count: superblock.blobTable.count, .blobTable(0))
        var blobs: [BlobEntry] = []
        for index in 0..<superblock.deviceCount {
            let blob = try BlobEntry(table, index: index)
            guard blob.chunkSize == superblock.chunkSize else {
                throw .damaged(.blobTable(index), field: "chunk_size", value: UInt64(blob.chunkSize))
            }
            guard blob.isPlainDevice == superblock.flags.contains(.tarfs) else {
                throw .damaged(.blobTable(index), field: "features", value: UInt64(blob.features.rawValue))
            }
            blobs.append(blob)
        }
        return blobs
    }

    private static func prefetch(
        _ superblock: RafsSuperblock, _ image: ImageBytes
    ) throws(RafsError) -> [UInt32] {
        let range = superblock.prefetchTable
        guard range.count <= 4 << 20 else {
            throw .damaged(.prefetchTable, field: "prefetch_table_size", value: UInt64(range.count))
        }
        let table = try image.copy(at: range.lowerBound, count: range.count, .prefetchTable)
        guard let record = Fields(table, at: 0, count: table.count) else { return [] }
        return Array((0..<table.count / 4).lazy.map { record.u32(4 * $0) }.prefix { $0 != 0 })
    }

    /// A slot that names another blob, or another size, would put one blob's bytes in place of another's.
    private func checkDevices(_ image: ImageBytes) throws(RafsError) {
        let table = try image.copy(
            at: UInt64(DeviceSlotTag.slot) * UInt64(DeviceSlotTag.byteCount),
            count: blobs.count * DeviceSlotTag.byteCount, .deviceTable)
        for blob in blobs {
            guard let slot = DeviceSlotTag(table, index: blob.index) else { continue }
            guard slot.tag == Array(blob.id.utf8) else {
                throw .damaged(.deviceTable, field: "tag of slot", value: UInt64(blob.index))
            }
            guard slot.blocks == blob.uncompressedSize >> UInt64(superblock.blockBits) else {
                throw .damaged(.deviceTable, field: "blocks", value: slot.blocks)
            }
        }
    }
}
