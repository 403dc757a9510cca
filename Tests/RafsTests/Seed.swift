// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// A fixed sequence of numbers that look random (SplitMix64).
struct Seed {
    private var state: UInt64

    init(_ value: UInt64) { state = value }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// A number below `limit`, or 0.
    mutating func below(_ limit: UInt64) -> UInt64 { limit == 0 ? 0 : next() % limit }
}
