// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import Primitives

/// Bytes a second that may be asked for at most, by all sources that share it; from any thread.
///
/// Sources hold it themselves, where they ask for bytes: that is what is moved, packed as it may be, and again when an
/// attempt failed; and a web server's source first lets pass what readers wait for.
public final class FetchRate: Sendable {
    /// Bytes a second, at least 1.
    public let bytesPerSecond: UInt64
    private let limit = Locked(RateLimit())

    /// A rate of which nothing is used yet.
    public init(bytesPerSecond: UInt64) { self.bytesPerSecond = max(1, bytesPerSecond) }

    /// Takes the next turn, for so many bytes.
    ///
    /// - Returns: Milliseconds until they may be asked for.
    package func reserve(_ bytes: UInt64, now: MonotonicTime = .now) -> UInt64 {
        limit.withLock { $0.reserve(bytes, rate: bytesPerSecond, now: now) }
    }
}
