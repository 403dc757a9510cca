// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import Synchronization

/// Counters, or a small table of hints, that any number of threads read and change without a lock.
///
/// Each word is for itself: nothing is said about the order in which others see changes of several.
package struct AtomicWords: ~Copyable, @unchecked Sendable {
    // Safe to share: the memory holds atomics and lives as long as the value.
    @usableFromInline package let words: UnsafeMutablePointer<Atomic<UInt64>>
    /// One less than the number of words, which is a power of two: an index beyond goes round, and none is out of bounds.
    @usableFromInline package let mask: Int

    /// At least `count` words, each with `value`.
    package init(atLeast count: Int, each value: UInt64) {
        var size = 1
        while size < count { size *= 2 }
        words = .allocate(capacity: size)
        for index in 0..<size { (words + index).initialize(to: Atomic(value)) }
        mask = size - 1
    }

    deinit {
        words.deinitialize(count: mask + 1)
        words.deallocate()
    }

    /// A word.
    @inlinable package subscript(index: Int) -> UInt64 {
        @inline(__always) get { words[index & mask].load(ordering: .relaxed) }
        @inline(__always) nonmutating set { words[index & mask].store(newValue, ordering: .relaxed) }
    }

    /// Adds to a word, going round at its end.
    @inlinable @inline(__always) package func add(_ amount: UInt64, at index: Int) {
        words[index & mask].wrappingAdd(amount, ordering: .relaxed)
    }

    /// Changes a word, and gives what it was.
    @inlinable @inline(__always) package func exchange(_ value: UInt64, at index: Int) -> UInt64 {
        words[index & mask].exchange(value, ordering: .relaxed)
    }
}
