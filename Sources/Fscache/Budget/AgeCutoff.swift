// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Finds the age from which on things must go, so that enough bytes are freed and none are younger than what stays.
///
/// Exact, in fixed memory, and without sorting: all things are shown twice, first by the upper half of their age, then those
/// on the border by the lower half.
package struct AgeCutoff {
    /// Where the border lies.
    package struct Border: Equatable {
        /// What is older goes.
        package var age: UInt32
        /// So many bytes of exactly this age go too.
        package var rest: UInt64
    }

    private let wanted: UInt64
    private var bytes = [UInt64](repeating: 0, count: 1 << 16)
    /// The upper half of the border's age, and the bytes older than that, once known.
    private var upper: (half: UInt32, older: UInt64)?

    /// Looks for the border from which on `wanted` bytes are older, or all.
    package init(freeing wanted: UInt64) { self.wanted = wanted }

    /// Shows a thing, once before and once after ``turn()``.
    package mutating func show(age: UInt32, bytes count: UInt64) {
        guard let upper else {
            bytes[Int(age >> 16)] &+= count
            return
        }
        if age >> 16 == upper.half { bytes[Int(age & 0xFFFF)] &+= count }
    }

    /// Ends the first showing.
    package mutating func turn() {
        let (half, older) = border(from: 0)
        upper = (UInt32(half), older)
        bytes = [UInt64](repeating: 0, count: 1 << 16)
    }

    /// The border, after the second showing.
    package var border: Border {
        guard let upper else { return Border(age: .max, rest: 0) }
        let (half, older) = border(from: upper.older)
        return Border(age: upper.half << 16 | UInt32(half), rest: wanted > older ? wanted - older : 0)
    }

    /// The oldest half with which enough bytes are gathered, and the bytes that are older.
    private func border(from older: UInt64) -> (half: Int, older: UInt64) {
        var older = older
        var half = bytes.count - 1
        while half > 0, older &+ bytes[half] < wanted || bytes[half] == 0 {
            older &+= bytes[half]
            half -= 1
        }
        return (half, older)
    }
}
