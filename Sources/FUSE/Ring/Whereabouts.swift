// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives

/// At which processor threads asked last, as far as their places in a small table were not taken by others.
///
/// The scheduler wakes a thread on the processor that it was on before, when that is idle. One that is answered by its own
/// processor's thread may so change to and fro at every request, and each change costs a signal between processors, which is
/// more than the request. See ``RingThread``.
final class Whereabouts: Sendable {
    private static let places = 256
    private let table = AtomicWords(atLeast: Whereabouts.places, each: 0)

    /// Notes that a thread asks at a processor.
    ///
    /// Writes only what is new: who stays where he is costs other processors nothing.
    ///
    /// - Returns: Whether it asked at another one before.
    @inline(__always) func note(_ thread: UInt32, at processor: UInt16) -> Bool {
        // That is any thread of another process namespace.
        guard thread != 0 else { return false }
        let place = Int(truncatingIfNeeded: (thread &* 0x9E37_79B1) >> 24)
        let before = table[place]
        let now = UInt64(thread) << 16 | UInt64(processor)
        guard before != now else { return false }
        table[place] = now
        return before >> 16 == UInt64(thread)
    }
}
