// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// What `inspect` and `explain` show of a chunk.
package struct ChunkFacts: Equatable, Sendable {
    /// The chunk's index in its blob.
    package let index: Int
    /// The plain bytes of the cookie that the chunk fills.
    package let range: Range<UInt64>
    /// The bytes of the blob that are fetched for it; nil where only the blob's own tables tell them.
    package let remote: Range<UInt64>?
    /// How the plain bytes are made from those, in words.
    package let encoding: String
    /// What the plain bytes are held against; nil when only a checksum is, or nothing.
    package let digest: Digest?
}

extension UnitTable {
    /// The facts of the chunks that have bytes or padding in `range` of the cookie, in order; at most `limit` of them.
    package func facts(in range: Range<UInt64>, limit: Int = 100_000) -> [ChunkFacts] {
        var facts: [ChunkFacts] = []
        var index = chunk(at: range.lowerBound) ?? 0
        while facts.count < limit, let chunk = entry(index), chunk.offset < range.upperBound {
            index += 1
            guard chunk.paddedEnd > range.lowerBound,
                let unit = try? units(covering: chunk.offset..<chunk.offset + 1).first
            else { continue }
            facts.append(
                ChunkFacts(
                    index: chunk.index, range: chunk.offset..<chunk.end, remote: unit.remote,
                    encoding: encoding(of: chunk, unit), digest: digest(of: chunk.index)))
        }
        return facts
    }

    private func encoding(of chunk: ChunkEntry, _ unit: Unit) -> String {
        let secrecy = chunk.isEncrypted ? ", encrypted" : ""
        switch chunk.kind {
        case .single: return (chunk.isCompressed ? blob.codec : .none).name + secrecy
        case .batch(let context, let offset):
            let codec = unit.remote.count == unit.size ? ChunkCodec.none : blob.codec
            return "\(codec.name)\(blob.cipher == nil ? "" : ", encrypted"), at \(offset) of batch \(context)"
        case .window(let context, let offset): return "deflate, at \(offset) of window \(context)"
        }
    }
}

extension RafsBootstrap {
    /// How many chunks the image's own table has.
    package var chunkTableCount: Int { chunkTable.count }

    /// What the image's own table says of the chunks of a blob, in the order of its cookie; reads the whole table.
    package func facts(of blob: BlobEntry) throws(RafsError) -> [ChunkFacts] {
        var facts: [ChunkFacts] = []
        try chunkTable.forEach(of: blob.index) { (entry) throws(RafsError) in
            let (end, overflow) = entry.offset.addingReportingOverflow(UInt64(entry.size))
            guard !overflow else {
                throw .damaged(.chunkTable(entry.position), field: "uncompressed_offset", value: entry.offset)
            }
            facts.append(
                ChunkFacts(
                    index: entry.index, range: entry.offset..<end, remote: entry.remote(in: blob),
                    encoding: entry.encoding(in: blob), digest: Digest(blob.digestAlgorithm, bytes: entry.digest)))
        }
        return facts.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }
}

extension ChunkTable.Entry {
    /// Members of batches and windows carry no compressed extent that means anything.
    private func isAlone(in blob: BlobEntry) -> Bool { !isBatchMember && !blob.features.contains(.zran) }

    fileprivate func remote(in blob: BlobEntry) -> Range<UInt64>? {
        let (end, overflow) = remoteOffset.addingReportingOverflow(UInt64(remoteSize))
        return isAlone(in: blob) && !overflow ? remoteOffset..<end : nil
    }

    fileprivate func encoding(in blob: BlobEntry) -> String {
        guard isAlone(in: blob) else { return blob.features.contains(.zran) ? "deflate, of a window" : "of a batch" }
        return (isCompressed ? blob.codec : .none).name + (isEncrypted ? ", encrypted" : "")
    }
}
