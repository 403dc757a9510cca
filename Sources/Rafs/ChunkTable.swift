// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The bootstrap's chunk table: what the image itself says of the chunks it uses.
///
/// | offset | size | field |
/// | --- | --- | --- |
/// | 0 | 32 | digest |
/// | 32 | 4 + 4 | blob index, flags |
/// | 40 | 4 + 4 | compressed size, uncompressed size |
/// | 48 | 8 + 8 | compressed offset, uncompressed offset |
/// | 72 | 4 | index of the chunk in its blob |
struct ChunkTable: Sendable {
    private static let byteCount = 80
    private static let entriesPerSlice = 4096

    /// What the table says of one chunk.
    struct Entry {
        let position: Int
        let digest: [UInt8]
        let index: Int
        let remoteSize: Int
        let size: Int
        let remoteOffset: UInt64
        let offset: UInt64
    }

    let reader: BootstrapReader
    let range: Range<UInt64>
    let blobCount: Int

    /// Hands the entries of one blob to `body`, in the table's order; reads the whole table.
    func forEach(of blob: Int, _ body: (Entry) throws(RafsError) -> Void) throws(RafsError) {
        let count = range.count / Self.byteCount
        var first = 0
        while first < count {
            let slice = min(Self.entriesPerSlice, count - first)
            let bytes = try reader.bytes(
                at: range.lowerBound + UInt64(first * Self.byteCount), count: slice * Self.byteCount, .chunkTable(first)
            )
            for position in 0..<slice {
                guard let record = Record(bytes, at: position * Self.byteCount, count: Self.byteCount) else { continue }
                let owner = Int(record.u32(32))
                guard owner < blobCount else {
                    throw .damaged(.chunkTable(first + position), field: "blob_index", value: UInt64(owner))
                }
                if owner == blob { try body(Entry(record, position: first + position)) }
            }
            first += slice
        }
    }
}

extension ChunkTable.Entry {
    init(_ record: Record, position: Int) {
        self.position = position
        digest = record.bytes(0..<32)
        index = Int(record.u32(72))
        remoteSize = Int(record.u32(40))
        size = Int(record.u32(44))
        remoteOffset = record.u64(48)
        offset = record.u64(56)
    }
}
