// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// What `inspect` and `explain` show of the chunk behind a cookie offset.
package struct ChunkFacts: Sendable {
    package let chunk: ChunkEntry
    /// What is fetched for it.
    package let unit: Unit
    /// The codec of the unit.
    package let codec: ChunkCodec
    /// What its plain bytes are held against; nil when only the checksum is, or nothing.
    package let digest: Digest?
}

extension UnitTable {
    /// The facts of the chunk that covers `offset` of the cookie; nil when none does.
    package func facts(at offset: UInt64) -> ChunkFacts? {
        guard offset < UInt64.max, let index = chunk(at: offset), let chunk = entry(index), offset < chunk.paddedEnd,
            let unit = try? units(covering: offset..<offset + 1).first
        else { return nil }
        let isStored = !chunk.isCompressed && chunk.context == nil
        return ChunkFacts(chunk: chunk, unit: unit, codec: isStored ? .none : blob.codec, digest: digest(of: index))
    }
}
