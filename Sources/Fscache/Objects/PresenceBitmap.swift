// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A bit for each granule of a cookie, in memory that other processes may share.
///
/// The memory belongs to somebody else, who keeps it alive. All operations are atomic: setting a bit publishes what was
/// written before (release), and seeing it makes that visible (acquire).
package struct PresenceBitmap: @unchecked Sendable {
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    /// Granules, which is bits in use.
    package let count: Int

    /// Bytes of a bitmap for `count` granules.
    package static func byteCount(for count: Int) -> Int { (count + 63) / 64 * 8 }

    /// Takes memory of `byteCount(for: count)` bytes, aligned to 8.
    init(_ memory: UnsafeMutableRawPointer, count: Int) {
        words = memory.assumingMemoryBound(to: Atomic<UInt64>.self)
        self.count = count
    }

    /// Whether the granule is present.
    @inline(__always) package func contains(_ granule: Int) -> Bool {
        granule < count && words[granule / 64].load(ordering: .acquiring) & (1 << UInt64(granule % 64)) != 0
    }

    /// The first granule at or after `start` whose bit is `value`; ``count`` when there is none.
    package func first(_ value: Bool, from start: Int, below end: Int) -> Int {
        var granule = start
        let limit = min(end, count)
        while granule < limit {
            let word = words[granule / 64].load(ordering: .acquiring)
            let rest = (value ? word : ~word) >> UInt64(granule % 64)
            if rest != 0 { return min(granule + rest.trailingZeroBitCount, limit) }
            granule = (granule / 64 + 1) * 64
        }
        return limit
    }

    /// Calls `body` with each run of bits that are `value` in `range`, in order.
    ///
    /// Each run is looked for when `body` has returned from the one before.
    package func forEachRun<Failure: Error>(
        of value: Bool, in range: Range<Int>, _ body: (Range<Int>) throws(Failure) -> Void
    ) throws(Failure) {
        let range = range.clamped(to: 0..<count)
        var start = first(value, from: range.lowerBound, below: range.upperBound)
        while start < range.upperBound {
            let end = first(!value, from: start, below: range.upperBound)
            try body(start..<end)
            start = first(value, from: end, below: range.upperBound)
        }
    }

    /// Sets the bits of `range`.
    package func insert(_ range: Range<Int>) {
        forEachWord(range) { word, mask in words[word].bitwiseOr(mask, ordering: .releasing) }
    }

    /// Clears the bits of `range`.
    package func remove(_ range: Range<Int>) {
        forEachWord(range) { word, mask in words[word].bitwiseAnd(~mask, ordering: .releasing) }
    }

    /// Makes all bits those of `other`, which has as many.
    func assign(_ other: PresenceBitmap) {
        for word in 0..<(count + 63) / 64 {
            words[word].store(other.words[word].load(ordering: .acquiring), ordering: .releasing)
        }
    }

    /// Adds the bits of `other`, which has as many.
    func formUnion(_ other: PresenceBitmap) {
        for word in 0..<(count + 63) / 64 {
            words[word].bitwiseOr(other.words[word].load(ordering: .acquiring), ordering: .releasing)
        }
    }

    /// The number of present granules.
    package var population: Int {
        (0..<(count + 63) / 64).reduce(0) { $0 + words[$1].load(ordering: .relaxed).nonzeroBitCount }
    }

    /// The number of present granules of `range`.
    func population(in range: Range<Int>) -> Int {
        var count = 0
        forEachWord(range) { word, mask in count += (words[word].load(ordering: .relaxed) & mask).nonzeroBitCount }
        return count
    }

    private func forEachWord(_ range: Range<Int>, _ body: (Int, UInt64) -> Void) {
        let range = range.clamped(to: 0..<count)
        var granule = range.lowerBound
        while granule < range.upperBound {
            let end = min(range.upperBound, (granule / 64 + 1) * 64)
            let width = end - granule
            let mask = (width == 64 ? UInt64.max : (1 << UInt64(width)) - 1) << UInt64(granule % 64)
            body(granule / 64, mask)
            granule = end
        }
    }
}
