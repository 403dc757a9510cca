// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// How much of its disk a cache may take; by default as much as there is.
///
/// The six shares are those of the kernel's cachefiles (`brun` ... `fstop`), and count what is free on the whole file
/// system. They hold only when given, so that a disk that others have filled does not disable a cache.
public struct CacheLimits: Equatable, Sendable {
    /// Bytes that the cache directory may take on disk; nil for no limit.
    public var maxBytes: UInt64?
    /// Shares of free blocks; nil for no limit.
    public var blocks: FreeShares?
    /// Shares of free inodes; nil for no limit.
    ///
    /// Without effect on file systems that do not count inodes.
    public var files: FreeShares?

    /// Limits as given; none by default.
    public init(maxBytes: UInt64? = nil, blocks: FreeShares? = nil, files: FreeShares? = nil) {
        self.maxBytes = maxBytes
        self.blocks = blocks
        self.files = files
    }

    /// Whether nothing is limited.
    public var isEmpty: Bool { self == CacheLimits() }

    /// What a round of trimming leaves of ``maxBytes``, and from where on it begins: a little before the limit, so that
    /// fetches seldom wait for it.
    var lowWater: UInt64? { maxBytes.map { $0 - $0 / 32 } }
    var highWater: UInt64? { maxBytes.map { $0 - $0 / 64 } }
}

/// Percentages of what is free on a file system, as the kernel's cachefiles has them.
public struct FreeShares: Equatable, Sendable {
    /// Culling ends when so much is free.
    public var run: UInt64
    /// Culling begins when less is free.
    public var cull: UInt64
    /// Nothing is cached any more when less is free.
    public var stop: UInt64

    /// The kernel's defaults.
    public static let kernel = FreeShares(run: 7, cull: 5, stop: 1)

    /// Percentages, which need not be valid yet.
    public init(run: UInt64, cull: UInt64, stop: UInt64) {
        self.run = run
        self.cull = cull
        self.stop = stop
    }

    /// Whether they are ordered as the kernel wants them: stop < cull < run < 100.
    public var isValid: Bool { stop < cull && cull < run && run < 100 }

    /// What is free, compared with the shares of `total`; the kernel divides first.
    func state(free: UInt64, total: UInt64) -> (mustStop: Bool, wantsCulling: Bool, missing: UInt64) {
        let percent = total / 100
        let wanted = percent * run
        return (free < percent * stop, free < percent * cull, wanted > free ? wanted - free : 0)
    }
}
