// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Fetched bytes that the cache had no room for, kept in memory until it has.
///
/// Bounded; the oldest go first. Consulted only after the cache has missed.
final class UncachedUnits: Sendable {
    private struct State {
        var units: [(start: UInt64, bytes: [UInt8])] = []
        var total = 0
        var isFull = false
        /// When the cache may be tried again.
        var nextTry = MonotonicTime.now
    }

    /// Milliseconds between two tries.
    private static let pause: UInt64 = 1000

    private let state = Locked(State())
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Keeps the bytes from `start` on.
    ///
    /// - Returns: Whether this is the first since the last `cacheHasRoom()`, which is the time to say something.
    func keep(_ bytes: UnsafeRawBufferPointer, at start: UInt64) -> Bool {
        state.withLock { state in
            state.units.append((start, Array(bytes)))
            state.total += bytes.count
            while state.total > limit, state.units.count > 1 { state.total -= state.units.removeFirst().bytes.count }
            defer { state.isFull = true }
            state.nextTry = MonotonicTime.now.advanced(milliseconds: UncachedUnits.pause)
            return !state.isFull
        }
    }

    /// The cache has taken bytes again.
    func cacheHasRoom() { state.withLock { $0.isFull = false } }

    /// Whether the cache should be tried again, by whoever is told so.
    func isTimeToTry() -> Bool {
        let now = MonotonicTime.now
        return state.withLock { state in
            guard state.nextTry <= now else { return false }
            state.nextTry = now.advanced(milliseconds: UncachedUnits.pause)
            return true
        }
    }

    /// What is kept for longest.
    var oldest: (start: UInt64, bytes: [UInt8])? { state.withLock { $0.units.first } }

    /// Forgets a unit, which begins there.
    func drop(_ start: UInt64) {
        state.withLock { state in
            guard let index = state.units.firstIndex(where: { $0.start == start }) else { return }
            state.total -= state.units.remove(at: index).bytes.count
        }
    }

    /// Copies what is kept of the start of a range into `buffer`.
    ///
    /// - Returns: How many bytes; 0 when its first byte is not kept.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) -> Int {
        state.withLock { state in
            for unit in state.units.reversed() where unit.start <= offset {
                let skip = offset - unit.start
                guard skip < UInt64(unit.bytes.count) else { continue }
                let rest = unit.bytes[Int(skip)...].prefix(buffer.count)
                buffer.copyBytes(from: rest)
                return rest.count
            }
            return 0
        }
    }

    /// How many bytes from `offset` on are kept.
    func count(at offset: UInt64) -> UInt64 {
        state.withLock { state in
            for unit in state.units.reversed() where unit.start <= offset {
                let end = unit.start + UInt64(unit.bytes.count)
                if offset < end { return end - offset }
            }
            return 0
        }
    }
}
