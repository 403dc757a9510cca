// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The map of ready chunks that nydusd keeps beside a cache file.
///
/// | offset | size | field |
/// | --- | --- | --- |
/// | 0 | 4 + 4 | magic 0x424D4150, version 1 |
/// | 8 | 4 | magic 0x434D4150 |
/// | 12 | 4 | 0x4D4D4150 when every chunk is ready |
/// | 4096 | count / 8 | chunk `n` is bit `7 - n % 8` of byte `n / 8` |
package struct ChunkMap: Sendable {
    /// Bytes before the bits.
    static let headerSize = 4096
    private let bits: [UInt8]
    private let isComplete: Bool
    /// How many chunks the map has.
    package let count: Int

    /// Reads the map of a blob with `count` chunks; a map of another size is refused.
    package init(_ bytes: [UInt8], count: Int) throws(RafsError) {
        guard count >= 0, let header = Fields(bytes, at: 0, count: Self.headerSize),
            bytes.count == Self.headerSize + (count + 7) / 8
        else { throw .truncated(.chunkMap, offset: 0, count: UInt64(bytes.count)) }
        guard header.u32(0) == 0x424D_4150, header.u32(8) == 0x434D_4150 else {
            throw .damaged(.chunkMap, field: "magic", value: UInt64(header.u32(0)))
        }
        guard header.u32(4) == 1 else { throw .unsupported(.chunkMap, field: "version", value: UInt64(header.u32(4))) }
        isComplete = header.u32(12) == 0x4D4D_4150
        bits = Array(bytes[Self.headerSize...])
        self.count = count
    }

    /// Whether the chunk's bytes are said to lie in the cache file; false outside the map.
    package func isReady(_ chunk: Int) -> Bool {
        guard chunk >= 0, chunk < count else { return false }
        return isComplete || bits[chunk / 8] & (0x80 >> UInt8(chunk % 8)) != 0
    }
}
