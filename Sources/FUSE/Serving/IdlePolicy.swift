// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Decides how the serving thread waits for the next request: by yielding the CPU for a moment, or asleep.
///
/// Waking a sleeping thread costs more than serving a request, and requests come in bursts; so for a short while after
/// one the thread only yields: longer when the last requests came only a little later. A yield that takes long means that
/// others want the CPU: then it sleeps for a while, the longer the more often that happens. All times are nanoseconds of
/// the monotonic clock.
struct IdlePolicy: Equatable, Sendable {
    /// Yielding ends this long after the last request: normally, and while requests come just behind that.
    static let patience: (short: UInt64, long: UInt64) = (50_000, 200_000)
    /// A yield that takes longer says that the CPU is wanted.
    static let contention: UInt64 = 100_000
    /// The first and the longest time without yielding after contention.
    static let backOff: ClosedRange<UInt64> = 10_000_000...1_000_000_000

    private var lastRequest: UInt64 = 0
    private var lastWait: UInt64 = 0
    /// How often of late the longer patience would have been enough when the shorter was not: 0 to 8.
    private var trust = 0
    /// Whether the last request was answered at once: who waits for a worker or a disk asks nothing meanwhile.
    private var isAnswered = true
    private var nextBackOff = IdlePolicy.backOff.lowerBound
    private var noYieldBefore: UInt64 = 0

    /// A request was served at `now`.
    @inline(__always) mutating func served(at now: UInt64) {
        if isAnswered, lastWait > lastRequest { judge(lastWait - lastRequest) }
        isAnswered = true
        lastRequest = now
    }

    /// A request took its time, or was left to others, who do.
    @inline(__always) mutating func slowed() { isAnswered = false }

    /// The thread has slept until `now`.
    mutating func slept(until now: UInt64) { lastWait = now }

    /// Learns from how long after a request the next one came.
    private mutating func judge(_ gap: UInt64) {
        guard gap >= IdlePolicy.patience.short else { return }
        trust = gap < IdlePolicy.patience.long ? min(trust + 1, 8) : max(trust - 1, 0)
    }

    /// Whether to yield at `now`, and not to sleep.
    @inline(__always) func mayYield(at now: UInt64) -> Bool {
        let patience = trust >= 4 ? IdlePolicy.patience.long : IdlePolicy.patience.short
        return isAnswered && now &- lastRequest < patience && now >= noYieldBefore
    }

    /// A yield that began at `start` has ended at `end`.
    mutating func yielded(from start: UInt64, to end: UInt64) {
        lastWait = end
        guard end &- start > IdlePolicy.contention else {
            nextBackOff = IdlePolicy.backOff.lowerBound
            return
        }
        noYieldBefore = end &+ nextBackOff
        nextBackOff = min(nextBackOff * 2, IdlePolicy.backOff.upperBound)
    }
}
