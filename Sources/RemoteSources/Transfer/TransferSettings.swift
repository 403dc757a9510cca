// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// How requests are repeated, followed and bounded.
package struct TransferSettings: Sendable {
    /// How connections are made.
    package var transport = TransportSettings()
    /// When a failed attempt is made again.
    package var retry = RetryPolicy()
    /// Redirects followed for one request.
    package var redirectLimit = 8
    /// Requests that run at a time to one host.
    package var requestsPerHost = 8
    /// Milliseconds for one read with all its attempts; a large range gets a second more for each 64 KiB.
    package var deadline: UInt64 = 60_000
    /// Gives numbers from 0 up to 1 that spread retries.
    package var jitter: @Sendable () -> Double = { Double.random(in: 0..<1) }

    /// The usual settings.
    package init() {}

    /// The deadline of a read of `count` bytes, in milliseconds.
    func deadline(forBytes count: UInt64) -> UInt64 { deadline &+ (count >> 16) &* 1000 }
}
