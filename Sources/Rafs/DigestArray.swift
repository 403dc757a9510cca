// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Digests

/// The digests of a blob's chunks, from the blob's own array or else from the image's chunk table.
///
/// The image is what was checked first, so what its chunk table says of a chunk must hold for the blob's tables too.
struct DigestArray: Sendable {
    private let algorithm: Digest.Algorithm
    private let bytes: [UInt8]
    /// Which chunks have a digest; empty when all have.
    private let isKnown: [Bool]

    init(
        _ chunks: ChunkInfoArray, algorithm: Digest.Algorithm, stored: [UInt8]?, blob: BlobEntry, table: ChunkTable
    ) throws(RafsError) {
        self.algorithm = algorithm
        var bytes = stored ?? [UInt8](repeating: 0, count: chunks.count * Digest.byteCount)
        var isKnown = [Bool](repeating: false, count: stored == nil ? chunks.count : 0)
        guard bytes.count == chunks.count * Digest.byteCount else {
            throw .truncated(.digestArray, offset: 0, count: UInt64(bytes.count))
        }
        try table.forEach(of: blob.index) { (entry) throws(RafsError) in
            guard entry.index < chunks.count, Self.agrees(entry, with: chunks[entry.index]) else {
                throw .damaged(.chunkTable(entry.position), field: "index", value: UInt64(entry.index))
            }
            let place = entry.index * Digest.byteCount..<(entry.index + 1) * Digest.byteCount
            if isKnown.isEmpty {
                guard bytes[place].elementsEqual(entry.digest) else {
                    throw .digestMismatch(.chunkTable(entry.position))
                }
            } else {
                bytes.replaceSubrange(place, with: entry.digest)
                isKnown[entry.index] = true
            }
        }
        self.bytes = bytes
        self.isKnown = isKnown
    }

    subscript(index: Int) -> Digest? {
        guard isKnown.isEmpty || isKnown[index] else { return nil }
        let start = index * Digest.byteCount
        return bytes[start..<start + Digest.byteCount].withUnsafeBytes { Digest(algorithm, bytes: $0) }
    }

    private static func agrees(_ entry: ChunkTable.Entry, with chunk: ChunkEntry) -> Bool {
        guard entry.offset == chunk.offset, entry.size == chunk.size else { return false }
        switch chunk.kind {
        case .single: return entry.remoteOffset == chunk.remoteOffset && entry.remoteSize == chunk.remoteSize
        // Members of batches and windows carry no compressed extent that means anything.
        case .batch, .window: return true
        }
    }
}
