// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// When a failed attempt is made again.
package struct RetryPolicy: Sendable, Equatable {
    /// Attempts in a row that brought no byte, the first one included.
    package var attempts = 4
    /// The pause before the second attempt, in milliseconds; it doubles each time.
    package var firstPause: UInt64 = 100
    /// The longest pause, in milliseconds.
    package var longestPause: UInt64 = 5_000
    /// The longest time that a server's `Retry-After` is obeyed, in milliseconds.
    package var longestRetryAfter: UInt64 = 30_000

    /// The usual patience.
    package init() {}

    /// The pause before the next attempt, in milliseconds.
    ///
    /// - Parameters:
    ///   - failures: Attempts that have failed in a row, 1 or more.
    ///   - retryAfter: What the server asked for, in milliseconds.
    ///   - remaining: Time left until the deadline, in milliseconds.
    ///   - jitter: From 0 up to 1; spreads clients that failed together.
    /// - Returns: Nil to give up.
    package func pause(afterFailures failures: Int, retryAfter: UInt64?, remaining: UInt64, jitter: Double) -> UInt64? {
        guard failures < attempts else { return nil }
        var pause = longestPause
        if failures <= 32 { pause = min(longestPause, firstPause << UInt64(max(0, failures - 1))) }
        pause = pause / 2 + UInt64(Double(pause / 2) * min(max(jitter, 0), 1))
        if let retryAfter {
            guard retryAfter <= longestRetryAfter else { return nil }
            pause = max(pause, retryAfter)
        }
        return pause < remaining ? pause : nil
    }

    /// The milliseconds of a `Retry-After` field, which holds seconds or a date.
    package static func retryAfter(_ text: String?, now: Int64) -> UInt64? {
        guard let text else { return nil }
        if let seconds = UInt64(text) {
            let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1000)
            return overflow ? .max : milliseconds
        }
        guard let moment = HTTPDate.seconds(of: text) else { return nil }
        return moment > now ? UInt64(moment - now) * 1000 : 0
    }

    /// Whether a status may be gone at the next attempt.
    package static func isTransient(status: Int) -> Bool { [408, 425, 429, 500, 502, 503, 504].contains(status) }
}
