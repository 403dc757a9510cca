// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// How long things took, in powers of two of microseconds.
///
/// Any thread may add at any time; the figures of a snapshot may be a moment apart.
package final class LatencyHistogram: Sendable {
    /// Bucket n counts times below 2^n microseconds; the last one all longer times.
    package static let buckets = 28
    private let counts = AtomicWords(atLeast: LatencyHistogram.buckets, each: 0)
    private let total = Atomic<UInt64>(0)

    package init() {}

    /// Counts one time.
    package func add(nanoseconds: UInt64) {
        counts.add(1, at: LatencyHistogram.bucket(nanoseconds / 1000))
        total.wrappingAdd(nanoseconds, ordering: .relaxed)
    }

    /// Forgets all times.
    package func reset() {
        for index in 0..<LatencyHistogram.buckets { counts[index] = 0 }
        total.store(0, ordering: .relaxed)
    }

    /// The bucket for a number of microseconds.
    package static func bucket(_ microseconds: UInt64) -> Int {
        min(UInt64.bitWidth - microseconds.leadingZeroBitCount, buckets - 1)
    }

    /// The figures of this moment.
    package var snapshot: Snapshot {
        Snapshot(
            counts: (0..<LatencyHistogram.buckets).map { counts[$0] },
            nanoseconds: total.load(ordering: .relaxed))
    }

    /// The figures of one moment.
    package struct Snapshot: Equatable, Sendable {
        /// How many times fell into each bucket, shortest first.
        package var counts: [UInt64]
        /// All times together.
        package var nanoseconds: UInt64

        package init(counts: [UInt64] = [], nanoseconds: UInt64 = 0) {
            self.counts = counts
            self.nanoseconds = nanoseconds
        }

        /// How many times were counted.
        package var count: UInt64 { counts.reduce(0, &+) }
    }
}
