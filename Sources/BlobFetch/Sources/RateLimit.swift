// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import Primitives

/// Spreads requests in time, so that on the average no more bytes a second are asked for than somebody allows.
///
/// A value without a clock. Each request reserves its bytes in turn; time in which nothing was asked for is not made up.
package struct RateLimit: Sendable {
    private var free = MonotonicTime(nanoseconds: 0)

    /// Nothing is reserved yet.
    package init() {}

    /// Reserves a request's bytes.
    ///
    /// - Parameter rate: Bytes a second, at least 1.
    /// - Returns: Milliseconds until the request may be sent.
    package mutating func reserve(_ bytes: UInt64, rate: UInt64, now: MonotonicTime) -> UInt64 {
        let start = max(free, now)
        // A span beyond any clock will do for what never comes to its turn.
        let length = UInt64(min(Double(bytes) / Double(max(1, rate)) * 1e9, 9e18))
        let (end, isEndless) = start.nanoseconds.addingReportingOverflow(length)
        free = MonotonicTime(nanoseconds: isEndless ? .max : end)
        return now.milliseconds(until: start)
    }
}
