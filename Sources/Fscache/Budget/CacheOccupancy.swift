// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// What a cache takes of its disk, and what it may take.
public struct CacheOccupancy: Equatable, Sendable {
    /// A part of a whole, such as the free bytes of a disk.
    public struct Share: Equatable, Sendable {
        /// The part.
        public var free: UInt64
        /// The whole.
        public var total: UInt64

        /// `free` of `total`.
        public init(free: UInt64, of total: UInt64) {
            self.free = free
            self.total = total
        }

        /// The part in percent, rounded down, as the limits are compared with it.
        public var percent: UInt64 { total < 100 ? 0 : min(100, free / (total / 100)) }
    }

    /// What the cache may take.
    public var limits: CacheLimits
    /// Bytes that everything in the directory takes on disk.
    public var takenBytes: UInt64
    /// Bytes that this process took out for a limit.
    public var culledBytes: UInt64
    /// Free bytes of the file system; nil when it does not tell.
    public var blocks: Share?
    /// Free inodes; nil on file systems that do not count them.
    public var files: Share?
}
