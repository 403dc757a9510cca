// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import BlobFetch

/// How requests are repeated, followed and bounded.
package struct TransferSettings: Sendable {
    /// How connections are made.
    package var transport = TransportSettings()
    /// When a failed attempt is made again.
    package var retry = RetryPolicy()
    /// Redirects followed for one request.
    package var redirectLimit = 8
    /// Requests that run at a time to one host.
    ///
    /// As many as keep a link of some 100 Mbit/s busy with small ranges at a round trip of 20 ms; 8 did not.
    package var requestsPerHost = 16
    /// Milliseconds for one read with all its attempts; a large range gets a second more for each 64 KiB.
    package var deadline: UInt64 = 60_000
    /// How fast bytes may be asked for, by all blobs together; nil for no limit.
    package var rate: FetchRate?
    /// Gives numbers from 0 up to 1 that spread retries.
    package var jitter: @Sendable () -> Double = { Double.random(in: 0..<1) }

    /// The usual settings.
    package init() {}

    /// The deadline of a read of `count` bytes, in milliseconds.
    ///
    /// Under a rate it holds the turns of all requests to the host, for this one may come last.
    func deadline(forBytes count: UInt64) -> UInt64 {
        let turns = rate.map { (count &* 1000 / $0.bytesPerSecond) &* UInt64(requestsPerHost) } ?? 0
        return deadline &+ (count >> 16) &* 1000 &+ turns
    }
}
