// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The Castagnoli CRC (CRC-32/ISCSI) without its final inversion, as the superblock uses it; RAFS chunks have it inverted.
package struct CRC32C {
    /// The checksum of the bytes taken in so far.
    package private(set) var value: UInt32 = 0xFFFF_FFFF

    /// `tables[n]` takes a byte that `n` further bytes follow in the same step.
    private static let tables: [[UInt32]] = {
        let first = (0..<256).map { (byte: UInt32) in
            (0..<8).reduce(byte) { remainder, _ in remainder >> 1 ^ (remainder & 1 != 0 ? 0x82F6_3B78 : 0) }
        }
        return (0..<7).reduce(into: [first]) { tables, _ in
            let last = tables[tables.count - 1]
            tables.append(last.map { $0 >> 8 ^ first[Int($0 & 0xFF)] })
        }
    }()

    /// The checksum of no bytes.
    package init() {}

    /// Takes in `bytes`.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        let tables = Self.tables
        var state = value
        var offset = 0
        while offset + 8 <= bytes.count {
            let word =
                UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) ^ UInt64(state)
            state = 0
            for lane in 0..<8 { state ^= tables[7 - lane][Int(word >> UInt64(8 * lane) & 0xFF)] }
            offset += 8
        }
        for byte in bytes[offset...] { state = state >> 8 ^ tables[0][Int(UInt8(truncatingIfNeeded: state) ^ byte)] }
        value = state
    }
}
