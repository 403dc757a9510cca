// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Decides how the serving thread waits for the next request: by yielding the CPU for a moment, or asleep.
///
/// Waking a sleeping thread costs more than serving a request, and requests come in bursts; so for a short while after
/// one the thread only yields. A yield that takes long means that others want the CPU: then it sleeps for a while, the
/// longer the more often that happens. All times are nanoseconds of the monotonic clock.
struct IdlePolicy: Equatable, Sendable {
    /// Yielding ends this long after the last request.
    static let patience: UInt64 = 50_000
    /// A yield that takes longer says that the CPU is wanted.
    static let contention: UInt64 = 100_000
    /// The first and the longest time without yielding after contention.
    static let backOff: ClosedRange<UInt64> = 10_000_000...1_000_000_000

    private var lastRequest: UInt64 = 0
    private var nextBackOff = IdlePolicy.backOff.lowerBound
    private var noYieldBefore: UInt64 = 0

    /// A request was served at `now`.
    @inline(__always) mutating func served(at now: UInt64) { lastRequest = now }

    /// Whether to yield at `now`, and not to sleep.
    @inline(__always) func mayYield(at now: UInt64) -> Bool {
        now &- lastRequest < IdlePolicy.patience && now >= noYieldBefore
    }

    /// A yield that began at `start` has ended at `end`.
    mutating func yielded(from start: UInt64, to end: UInt64) {
        guard end &- start > IdlePolicy.contention else {
            nextBackOff = IdlePolicy.backOff.lowerBound
            return
        }
        noYieldBefore = end &+ nextBackOff
        nextBackOff = min(nextBackOff * 2, IdlePolicy.backOff.upperBound)
    }
}
