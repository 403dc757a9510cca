// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// Which remote range, codec and digest make up each range of a blob's cookie.
package struct UnitTable: Sendable {
    package let blob: BlobEntry
    let chunks: ChunkInfoArray
    let contexts: ContextTable
    private let digests: DigestArray

    /// How many chunks the blob has.
    package var chunkCount: Int { chunks.count }

    /// Builds the table and checks every entry against the blob table and the image's own chunk table.
    ///
    /// - Parameters:
    ///   - plain: The plain chunk info with its contexts.
    ///   - header: The plain header.
    ///   - digests: The digest array of the blob; nil when it has none.
    init(
        _ blob: BlobEntry, plain: [UInt8], header: ChunkInfoHeader, digests: [UInt8]?, table: ChunkTable
    ) throws(RafsError) {
        self.blob = blob
        guard blob.features.contains(.encrypted) == (blob.cipher != nil) else {
            throw .damaged(.blobTable(blob.index), field: "cipher_algo", value: 0)
        }
        chunks = try ChunkInfoArray(plain, count: header.count, features: blob.features)
        let arrayEnd = header.count * ChunkInfoArray.byteCount(blob.features)
        guard header.contextCount == 0 || header.contexts.lowerBound >= arrayEnd else {
            throw .damaged(.chunkInfoHeader, field: "context table offset", value: UInt64(header.contexts.lowerBound))
        }
        contexts = try ContextTable(plain, range: header.contexts, count: header.contextCount)
        self.digests = try DigestArray(
            chunks, algorithm: blob.digestAlgorithm, stored: digests, blob: blob, table: table)
        try checkEntries()
    }

    /// The digest of a chunk's plain bytes; nil when neither blob nor image has one.
    package func digest(of chunk: Int) -> Digest? { digests[chunk] }

    private func checkEntries() throws(RafsError) {
        var end: UInt64 = 0
        for index in 0..<chunks.count {
            let chunk = chunks[index]
            guard chunk.offset >= end, chunk.paddedEnd <= blob.uncompressedSize else {
                throw .damaged(.chunkInfo(index), field: "uncompressed offset", value: chunk.offset)
            }
            end = chunk.paddedEnd
            try check(chunk)
        }
    }

    private func check(_ chunk: ChunkEntry) throws(RafsError) {
        let flags = chunks.flags(at: chunk.index)
        guard flags & ~0x1F == 0, flags & 6 != 6, chunk.checksum != 0,
            flags & 2 == 0 || blob.features.contains(.zran), flags & 4 == 0 || blob.features.contains(.batch),
            !chunk.isEncrypted || blob.cipher != nil
        else { throw .damaged(.chunkInfo(chunk.index), field: "flags", value: UInt64(flags)) }
        switch chunk.kind {
        case .single:
            guard chunk.isCompressed || chunk.isEncrypted || chunk.size == chunk.remoteSize, chunk.remoteSize > 0 else {
                throw .damaged(.chunkInfo(chunk.index), field: "compressed size", value: UInt64(chunk.remoteSize))
            }
            try check(chunk, remote: chunk.remoteOffset, chunk.remoteSize)
        case .batch(let index, let offset):
            let context = try contexts.batch(index)
            try check(chunk, remote: chunk.remoteOffset, context.remoteSize)
            try check(chunk, at: offset, of: context.size)
        case .window(let index, let offset):
            let context = try contexts.window(index)
            try check(chunk, remote: context.remote.lowerBound, context.remote.count)
            try check(chunk, at: offset, of: context.size)
        }
    }

    private func check(_ chunk: ChunkEntry, remote: UInt64, _ size: Int) throws(RafsError) {
        guard remote.fits(UInt64(size), within: blob.dataSize) else {
            throw .damaged(.chunkInfo(chunk.index), field: "compressed offset", value: remote)
        }
    }

    private func check(_ chunk: ChunkEntry, at offset: Int, of size: Int) throws(RafsError) {
        guard offset <= size, chunk.size <= size - offset else {
            throw .damaged(.chunkInfo(chunk.index), field: "offset in context", value: UInt64(offset))
        }
    }
}
