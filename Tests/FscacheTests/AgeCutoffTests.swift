// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Fscache
import Testing

/// The border between what goes and what stays, compared with sorting.
@Suite struct AgeCutoffTests {
    private struct Thing {
        var age: UInt32
        var bytes: UInt64
    }

    /// The bytes that go, and the ages at the border.
    private func freed(_ things: [Thing], _ wanted: UInt64) -> (
        bytes: UInt64, oldestKept: UInt32?, youngestGone: UInt32?
    ) {
        var cutoff = AgeCutoff(freeing: wanted)
        for thing in things { cutoff.show(age: thing.age, bytes: thing.bytes) }
        cutoff.turn()
        for thing in things { cutoff.show(age: thing.age, bytes: thing.bytes) }
        var border = cutoff.border
        var bytes: UInt64 = 0
        var kept: [UInt32] = []
        var gone: [UInt32] = []
        for thing in things {
            let goes = thing.age > border.age || (thing.age == border.age && border.rest > 0)
            if thing.age == border.age { border.rest -= min(border.rest, thing.bytes) }
            if goes { bytes += thing.bytes }
            if goes { gone.append(thing.age) } else { kept.append(thing.age) }
        }
        return (bytes, kept.max(), gone.min())
    }

    @Test(arguments: [1, 4096, 100_000, 5_000_000, UInt64.max / 2])
    func theOldestGoUntilEnoughIsFreed(wanted: UInt64) {
        var random = SystemRandomNumberGenerator.seeded(7)
        for spread in [UInt32(3), 1000, 1 << 20, .max] {
            let things = (0..<500).map { _ in
                Thing(age: .random(in: 0...spread, using: &random), bytes: .random(in: 1...16, using: &random) * 4096)
            }
            let total = things.reduce(0) { $0 + $1.bytes }
            let result = freed(things, wanted)
            #expect(result.bytes >= min(wanted, total))
            #expect(result.bytes < wanted + 16 * 4096 || result.bytes == total)
            if let kept = result.oldestKept, let gone = result.youngestGone { #expect(kept <= gone) }
        }
    }

    @Test func nothingIsFreedOfNothing() {
        #expect(freed([], 4096).bytes == 0)
        #expect(freed([Thing(age: 5, bytes: 10)], 0).bytes == 0)
    }
}

/// A generator with a fixed seed.
struct Xorshift: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

extension SystemRandomNumberGenerator {
    static func seeded(_ seed: UInt64) -> Xorshift { Xorshift(seed: seed | 1) }
}
