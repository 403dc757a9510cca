// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// How missing bytes are fetched.
public struct FetchSettings: Equatable, Sendable {
    /// Bytes of the smallest fetch, a multiple of 4096: a miss fetches the aligned window around it.
    public var window: UInt64 = 16 << 10
    /// Bytes that may be fetched ahead of a sequential reader; 0 for none.
    public var largestReadAhead: UInt64 = 8 << 20
    /// Nothing is fetched; what is not cached fails.
    public var isOffline = false
    /// Bytes of fetched data kept in memory when the cache's disk is full.
    public var uncachedBytes = 64 << 20
    /// Notes what readers wait for; nil for nothing.
    ///
    /// What is there already, or fetched ahead, is not noted.
    public var recorder: TouchRecorder?

    /// The defaults.
    public init() {}
}
