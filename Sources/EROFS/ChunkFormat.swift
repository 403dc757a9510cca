// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The chunk format of a chunk-based inode.
struct ChunkFormat {
    /// Entries have 8 bytes and name a device.
    static let indexes: UInt16 = 0x20
    /// Addresses have 48 bits.
    static let wide: UInt16 = 0x40
    /// The bits with a meaning.
    static let known: UInt16 = 0x7F

    /// log2 of the bytes in a chunk.
    let chunkBits: Int
    /// Bytes of an entry.
    let entryLength: Int
    private let addressMask: UInt64

    /// The meaning of format `bits` in an image with blocks of `1 << blockBits` bytes.
    @inline(__always)
    init(_ bits: UInt16, blockBits: Int) {
        chunkBits = blockBits + Int(bits & 0x1F)
        entryLength = bits & Self.indexes != 0 ? 8 : 4
        addressMask = bits & (Self.indexes | Self.wide) == Self.indexes | Self.wide ? 0xFFFF_FFFF_FFFF : 0xFFFF_FFFF
    }

    /// The block and the stored device id in entry `index` of `entries`; nil for a hole.
    @inline(__always)
    func entry(_ index: Int, of entries: Record) -> (device: UInt16, block: UInt64)? {
        let offset = index * entryLength
        guard entryLength == 8 else {
            let block = entries.u32(offset)
            return block == .max ? nil : (0, UInt64(block))
        }
        let block = (UInt64(entries.u16(offset)) << 32 | UInt64(entries.u32(offset + 4))) & addressMask
        return block == addressMask ? nil : (entries.u16(offset + 2), block)
    }
}
