// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What `status` tells of a mount; the form of its `--json` output too.
struct MountReport: Codable, Equatable {
    /// One cached blob.
    struct Blob: Codable, Equatable {
        var key: String
        /// Bytes of the blob, and of it in the cache.
        var size: UInt64
        var cached: UInt64
        /// The sparse file in the cache.
        var object: String
        /// Bytes that came from the sources since the mount began, in how many fetches, and how many failed.
        var fetchedBytes: UInt64
        /// Bytes that were moved for them: packed, and with the blob's tables, if it is one of a RAFS image.
        var movedBytes: UInt64
        var fetches: UInt64
        var failedFetches: UInt64
        /// The object's number in the mount's process, its state by the kernel's letter, and its flags by its bits.
        var number: UInt32
        var state: String
        var flags: UInt16
        /// Fetches under way.
        var accesses: Int

        /// The key in hexadecimal digits, as the kernel shows it.
        var keyDigits: String {
            key.utf8.map { String($0, radix: 16).atRight(of: 2, filledWith: "0") }.joined()
        }
    }

    /// What the kernel asked for.
    struct Served: Codable, Equatable {
        var requests: [String: UInt64]
        var bytes: UInt64
        /// Reads answered at once; requests that waited for a fetch; requests that a worker answered.
        var hits: UInt64
        var misses: UInt64
        var handedOver: UInt64
        var errors: UInt64
        /// Requests whose reader was killed while they waited, and those that wait now.
        var interrupted: UInt64
        var waiting: Int
        /// Files that the kernel reads by itself.
        var passedFiles: Int
    }

    /// What the cache takes, may take, and has given up.
    struct Cache: Codable, Equatable {
        var directory: String
        /// Bytes that the directory takes on disk, and that this mount took out of it for a limit.
        var taken: UInt64
        var culled: UInt64
        /// Bytes that it may take; nil for no limit.
        var maxBytes: UInt64?
        /// Limits in percent of what is free on the disk, by Linux's names; those that were given.
        var freeLimits: [String: UInt64]
        /// Free on the disk, in percent, as these limits count; nil when the file system does not tell.
        var freeBlocks: UInt64?
        var freeFiles: UInt64?
    }

    var image: String
    var mountPoint: String
    var process: Int32
    var volume: String?
    var isOffline: Bool
    var blobs: [Blob]
    /// What is fetched ahead of readers, when anything is.
    var prefetch: Prefetch.Progress?
    var served: Served
    /// The FUSE protocol in use, and the capabilities agreed on.
    var protocolVersion: String
    var capabilities: [String]
    var maxReadahead: UInt32
    /// The cache, when anything is cached.
    var cache: Cache?

    /// Of the reads, those that were answered at once; nil before the first read.
    var hitRatio: Double? {
        let reads = served.requests["read"] ?? 0
        return reads == 0 ? nil : Double(served.hits) / Double(reads)
    }

    /// Bytes that came from the sources.
    var fetchedBytes: UInt64 { blobs.reduce(0) { $0 &+ $1.fetchedBytes } }

    /// Bytes that were moved for them.
    var movedBytes: UInt64 { blobs.reduce(0) { $0 &+ $1.movedBytes } }
}
