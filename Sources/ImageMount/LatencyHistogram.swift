// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// How long parked requests waited, in powers of two of microseconds.
///
/// Only requests that waited are measured; a hit is answered without looking at a clock.
final class LatencyHistogram: @unchecked Sendable {
    // Safe to share: the memory holds atomics and lives as long as the object.
    /// Bucket n counts waits below 2^n microseconds; the last one all longer waits.
    static let buckets = 28
    private let counts: UnsafeMutablePointer<Atomic<UInt64>>

    init() {
        counts = .allocate(capacity: LatencyHistogram.buckets)
        for index in 0..<LatencyHistogram.buckets { (counts + index).initialize(to: Atomic(0)) }
    }

    deinit {
        counts.deinitialize(count: LatencyHistogram.buckets)
        counts.deallocate()
    }

    /// Counts one wait.
    func add(nanoseconds: UInt64) {
        counts[LatencyHistogram.bucket(nanoseconds / 1000)].wrappingAdd(1, ordering: .relaxed)
    }

    /// The bucket for a number of microseconds.
    static func bucket(_ microseconds: UInt64) -> Int {
        min(UInt64.bitWidth - microseconds.leadingZeroBitCount, buckets - 1)
    }

    /// The counts of all buckets, shortest waits first.
    var values: [UInt64] { (0..<LatencyHistogram.buckets).map { counts[$0].load(ordering: .relaxed) } }
}
