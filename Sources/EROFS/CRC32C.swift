// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The Castagnoli CRC as the superblock uses it: start value all ones, no final inversion.
struct CRC32C {
    /// The checksum of the bytes taken in so far.
    private(set) var value: UInt32 = 0xFFFF_FFFF
    private let table: [UInt32]

    /// The checksum of no bytes.
    init() {
        table = (0..<256).map { (byte: UInt32) in
            (0..<8).reduce(byte) { remainder, _ in remainder >> 1 ^ (remainder & 1 != 0 ? 0x82F6_3B78 : 0) }
        }
    }

    /// Takes in `bytes`.
    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var state = value
        for byte in bytes { state = state >> 8 ^ table[Int(UInt8(truncatingIfNeeded: state) ^ byte)] }
        value = state
    }
}
