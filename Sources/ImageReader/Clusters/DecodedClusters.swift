// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import Primitives

/// A bounded cache of decoded clusters, shared by all threads.
///
/// Split in parts with a lock each, which is held only to find or to note a cluster, never while one is decoded. Of
/// several threads that want the same cluster one decodes it and the others wait for that.
final class DecodedClusters: Sendable {
    private let parts: [DecodedClusterShelf]

    /// Parts that the cache has at most; each must have room for a cluster of any size.
    private static let mostParts = 4

    /// A cache for `capacity` bytes; it keeps one cluster for each part even when that is larger.
    init(capacity: Int) {
        let count = max(1, min(DecodedClusters.mostParts, capacity / CompressionConfiguration.maximumDecodedLength))
        parts = (0..<count).map { _ in DecodedClusterShelf(capacity: capacity / count) }
    }

    /// The cluster, if it is in the cache.
    func find(_ cluster: EncodedCluster) -> DecodedCluster? { shelf(of: cluster).find(cluster) }

    /// The cluster from the cache, where `decode` puts it first if need be.
    ///
    /// - Parameters:
    ///   - waiting: Whether to wait for another thread that decodes it; else `.wouldBlock` is thrown then.
    ///   - decode: Fills the memory that it is given. What it throws reaches its own caller only.
    func cluster(
        _ cluster: EncodedCluster, waiting: Bool,
        decode: (UnsafeMutableRawBufferPointer) throws(ReadError) -> Void
    ) throws(ReadError) -> DecodedCluster {
        let shelf = shelf(of: cluster)
        if let kept = try shelf.claim(cluster, waiting: waiting) { return kept }
        let made = DecodedCluster(cluster, in: shelf.makeRoom(for: cluster))
        do throws(ReadError) {
            try decode(made.memory)
        } catch {
            shelf.abandon(cluster)
            throw error
        }
        shelf.put(made)
        return made
    }

    private func shelf(of cluster: EncodedCluster) -> DecodedClusterShelf {
        let hash = cluster.start &* 0x9E37_79B9_7F4A_7C15 ^ cluster.place.number &* 0xD6E8_FEB8_6659_FD93
        return parts[Int(hash >> 40) % parts.count]
    }
}

extension EncodedCluster.Place {
    /// The offset, as a number to tell most places apart by.
    var number: UInt64 {
        switch self {
        case .device(_, let offset): offset
        case .metadata(let place): place.offset
        }
    }
}
