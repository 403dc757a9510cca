// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS

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
        /// The position in the table.
        let position: Int
        /// The 32 bytes of the digest.
        let digest: [UInt8]
        /// How the chunk is stored.
        let flags: UInt32
        /// The chunk's index in its blob.
        let index: Int
        /// Bytes in the blob.
        let remoteSize: Int
        /// Plain bytes.
        let size: Int
        /// Where the chunk lies in the blob.
        let remoteOffset: UInt64
        /// Where the chunk lies in the cookie.
        let offset: UInt64

        /// Whether the chunk is compressed.
        var isCompressed: Bool { flags & 1 != 0 }
        /// Whether the chunk is encrypted.
        var isEncrypted: Bool { flags & 4 != 0 }
        /// Whether the chunk is part of a batch.
        var isBatchMember: Bool { flags & 8 != 0 }
    }

    /// The bootstrap.
    let image: ImageBytes
    /// Where the table lies in the bootstrap.
    let range: Range<UInt64>
    /// How many blobs the image has.
    let blobCount: Int

    /// How many entries the table has.
    var count: Int { range.count / Self.byteCount }

    /// Hands the entries of one blob to `body`, in the table's order; reads the whole table.
    func forEach(of blob: Int, _ body: (Entry) throws(RafsError) -> Void) throws(RafsError) {
        let count = count
        var first = 0
        while first < count {
            let slice = min(Self.entriesPerSlice, count - first)
            let bytes = try image.copy(
                at: range.lowerBound + UInt64(first * Self.byteCount), count: slice * Self.byteCount, .chunkTable(first)
            )
            for position in 0..<slice {
                guard let record = Fields(bytes, at: position * Self.byteCount, count: Self.byteCount) else { continue }
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
    /// Reads the entry at `position`.
    init(_ record: Fields, position: Int) {
        self.position = position
        digest = record.bytes(0..<32)
        flags = record.u32(36)
        index = Int(record.u32(72))
        remoteSize = Int(record.u32(40))
        size = Int(record.u32(44))
        remoteOffset = record.u64(48)
        offset = record.u64(56)
    }
}
