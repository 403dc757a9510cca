// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A moment of the monotonic clock (CLOCK_MONOTONIC), in nanoseconds.
package struct MonotonicTime: Comparable, Sendable {
    package var nanoseconds: UInt64

    package init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// The present moment.
    package static var now: MonotonicTime { MonotonicTime(nanoseconds: nanoseconds(CLOCK_MONOTONIC)) }

    /// Processor time that the calling thread has used, in nanoseconds; what is left of the time that passes it has waited.
    package static var processorTime: UInt64 { nanoseconds(CLOCK_THREAD_CPUTIME_ID) }

    private static func nanoseconds(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    package static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.nanoseconds < right.nanoseconds }

    /// The moment `milliseconds` later; saturates instead of overflowing.
    package func advanced(milliseconds: UInt64) -> MonotonicTime {
        let (delta, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, overflow2) = nanoseconds.addingReportingOverflow(overflow ? .max : delta)
        return MonotonicTime(nanoseconds: overflow2 ? .max : sum)
    }

    /// Milliseconds from this moment to `later`; 0 when that lies before.
    package func milliseconds(until later: MonotonicTime) -> UInt64 {
        later.nanoseconds > nanoseconds ? (later.nanoseconds - nanoseconds) / 1_000_000 : 0
    }
}
