// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import Primitives

/// One part of the cache of decoded clusters.
final class DecodedClusterShelf: Sendable {
    private let state: Locked<State>
    private let changed = Condition()

    /// A shelf for `capacity` bytes.
    init(capacity: Int) { state = Locked(State(capacity: capacity)) }

    /// The cluster, if it is there.
    func find(_ cluster: EncodedCluster) -> DecodedCluster? {
        state.withLock { state in state.ready(Key(cluster: cluster)) }
    }

    /// The cluster, if it is there; else nil, and the caller has to decode it and to call ``put(_:)`` or
    /// ``abandon(_:)``.
    ///
    /// When another thread decodes it, waits for that, or throws `.wouldBlock`.
    func claim(_ cluster: EncodedCluster, waiting: Bool) throws(ReadError) -> DecodedCluster? {
        let key = Key(cluster: cluster)
        return try state.withLock(waitingOn: changed) { state, waiter throws(ReadError) in
            while state.decoding.contains(key) {
                guard waiting else { throw .wouldBlock }
                waiter.wait(for: &state)
            }
            if let kept = state.ready(key) { return kept }
            state.decoding.insert(key)
            return nil
        }
    }

    /// Makes room for a cluster that was claimed.
    ///
    /// - Returns: Memory that it fits into, of one that had to go for it and that nobody uses any more; nil for none.
    func makeRoom(for cluster: EncodedCluster) -> MemoryPages? {
        let (pages, dropped) = state.withLock { state in
            var dropped = state.makeRoom(for: cluster.decodedLength)
            return (DecodedClusterShelf.pages(for: cluster.decodedLength, among: &dropped), dropped)
        }
        // Given back outside the lock: large memory goes back to the system.
        withExtendedLifetime(dropped) {}
        return pages
    }

    /// Takes pages that have room for `count` bytes, and not much more, out of a cluster.
    private static func pages(for count: Int, among dropped: inout [DecodedCluster]) -> MemoryPages? {
        for index in dropped.indices where dropped[index].size >= count && dropped[index].size / 4 <= count {
            if isKnownUniquelyReferenced(&dropped[index]) { return dropped[index].takePages() }
        }
        return nil
    }

    /// Takes a cluster that was claimed.
    func put(_ made: DecodedCluster) {
        let dropped = state.withLock { state in
            state.decoding.remove(Key(cluster: made.cluster))
            let dropped = state.makeRoom(for: made.size)
            state.insert(made)
            return dropped
        }
        changed.broadcast()
        withExtendedLifetime(dropped) {}
    }

    /// Gives up a claim.
    func abandon(_ cluster: EncodedCluster) {
        state.withLock { state in _ = state.decoding.remove(Key(cluster: cluster)) }
        changed.broadcast()
    }

    /// Bytes of memory of all clusters on the shelf.
    var byteCount: Int { state.withLock { $0.byteCount } }

    /// A cluster with a hash that costs little.
    private struct Key: Hashable {
        let cluster: EncodedCluster

        func hash(into hasher: inout Hasher) { hasher.combine(cluster.place.number) }
    }

    private struct State {
        let capacity: Int
        var clusters: [Key: DecodedCluster] = [:]
        var decoding: Set<Key> = []
        /// All clusters, in the order in which `hand` looks at them.
        private var ring: [DecodedCluster] = []
        private var hand = 0
        private(set) var byteCount = 0

        init(capacity: Int) { self.capacity = capacity }

        func ready(_ key: Key) -> DecodedCluster? {
            guard let kept = clusters[key] else { return nil }
            kept.isRecent = true
            return kept
        }

        /// Takes out what has to go for `count` bytes more.
        mutating func makeRoom(for count: Int) -> [DecodedCluster] {
            var dropped: [DecodedCluster] = []
            while !ring.isEmpty, count > capacity - byteCount { dropped.append(removeOldest()) }
            return dropped
        }

        /// Puts a cluster on the shelf.
        mutating func insert(_ made: DecodedCluster) {
            clusters[Key(cluster: made.cluster)] = made
            // Right behind the hand: it is looked at after all others.
            ring.insert(made, at: min(hand, ring.count))
            hand += 1
            byteCount += made.size
        }

        /// Goes round until it finds a cluster that nobody asked for since the last round.
        private mutating func removeOldest() -> DecodedCluster {
            while true {
                if hand >= ring.count { hand = 0 }
                guard ring[hand].isRecent else { break }
                ring[hand].isRecent = false
                hand += 1
            }
            let oldest = ring.remove(at: hand)
            clusters[Key(cluster: oldest.cluster)] = nil
            byteCount -= oldest.size
            return oldest
        }
    }
}
