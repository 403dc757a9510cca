// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import Synchronization

/// Counts what was fetched for one blob.
///
/// Relaxed: the figures may be a moment apart. A program that has bootstrapped swift-metrics gets them there as well:
/// `fscache_fetched_bytes_total` and `fscache_fetch_failures_total`, by blob, and `fscache_fetch_duration_seconds`.
public final class FetchStatistics: Sendable {
    private let bytes = Atomic<UInt64>(0)
    private let fetches = Atomic<UInt64>(0)
    private let failures = Atomic<UInt64>(0)
    private let time = Atomic<UInt64>(0)
    private let bytesMetric: Counter
    private let failuresMetric: Counter
    private let timeMetric: Timer

    init(blob: String) {
        bytesMetric = Counter(label: "fscache_fetched_bytes_total", dimensions: [("blob", blob)])
        failuresMetric = Counter(label: "fscache_fetch_failures_total", dimensions: [("blob", blob)])
        timeMetric = Timer(label: "fscache_fetch_duration_seconds")
    }

    func fetched(_ count: UInt64, nanoseconds: UInt64) {
        bytes.wrappingAdd(count, ordering: .relaxed)
        fetches.wrappingAdd(1, ordering: .relaxed)
        time.wrappingAdd(nanoseconds, ordering: .relaxed)
        bytesMetric.increment(by: Int64(clamping: count))
        timeMetric.recordNanoseconds(Int64(clamping: nanoseconds))
    }

    func failed() {
        failures.wrappingAdd(1, ordering: .relaxed)
        failuresMetric.increment()
    }

    /// The figures of this moment.
    public var snapshot: Snapshot {
        Snapshot(
            bytes: bytes.load(ordering: .relaxed), fetches: fetches.load(ordering: .relaxed),
            failures: failures.load(ordering: .relaxed), nanoseconds: time.load(ordering: .relaxed))
    }

    /// The figures of one moment.
    public struct Snapshot: Equatable, Sendable {
        /// Bytes that sources delivered; those that were moved for them may be fewer, see `Blob.movedBytes`.
        public let bytes: UInt64
        /// Fetches that succeeded.
        public let fetches: UInt64
        /// Fetches that failed.
        public let failures: UInt64
        /// The time of all successful fetches together.
        public let nanoseconds: UInt64
    }
}
