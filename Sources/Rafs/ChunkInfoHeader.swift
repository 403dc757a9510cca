// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The 4096-byte header behind a blob's chunk info array, with what the blob table does not repeat.
struct ChunkInfoHeader {
    /// Bytes of the header.
    static let byteCount = 4096
    private static let magic: UInt32 = 0xB10B_B10B

    /// How many chunks the array has.
    let count: Int
    /// The context table inside the plain chunk info; empty when there are no contexts.
    let contexts: Range<Int>
    /// How many contexts the table has.
    let contextCount: Int

    /// Reads a plain header and holds it against the blob table.
    init(_ bytes: [UInt8], for blob: BlobEntry) throws(RafsError) {
        guard let record = Fields(bytes, at: 0, count: Self.byteCount) else {
            throw .truncated(.chunkInfoHeader, offset: 0, count: UInt64(Self.byteCount))
        }
        for offset in [0, 4092] where record.u32(offset) != Self.magic {
            throw .damaged(.chunkInfoHeader, field: "magic", value: UInt64(record.u32(offset)))
        }
        count = Int(record.u32(12))
        contextCount = Int(record.u32(56))
        let (start, size) = (record.u64(40), record.u64(48))
        guard start.fits(size, within: UInt64(blob.chunkInfoSize)) else {
            throw .damaged(.chunkInfoHeader, field: "context table size", value: size)
        }
        contexts = Int(start)..<Int(start + size)
        try check(record, blob)
    }

    private func check(_ record: Fields, _ blob: BlobEntry) throws(RafsError) {
        let features = BlobFeatures(rawValue: record.u32(4))
        guard features.intersection(.layout) == blob.features.intersection(.layout) else {
            throw .damaged(.chunkInfoHeader, field: "features", value: UInt64(features.rawValue))
        }
        // The digests of so many are read before the array itself is looked at.
        guard count <= blob.chunkInfoSize / ChunkInfoArray.byteCount(blob.features),
            count == blob.chunkCount || blob.features.contains(.generatedDictionary)
        else {
            throw .damaged(.chunkInfoHeader, field: "ci_entries", value: UInt64(count))
        }
        guard record.u32(8) == blob.chunkInfoCodec.rawValue, record.u64(16) == blob.chunkInfoOffset,
            record.u64(24) == UInt64(blob.chunkInfoCompressedSize), record.u64(32) == UInt64(blob.chunkInfoSize)
        else { throw .damaged(.chunkInfoHeader, field: "ci_offset", value: record.u64(16)) }
    }
}
