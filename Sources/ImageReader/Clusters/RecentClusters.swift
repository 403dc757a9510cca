// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import Primitives
import Synchronization

/// The clusters that were decoded in part of late, as far as their places in a small table were not taken by others.
///
/// Only a hint: who is forgotten counts as new, and threads that note the same place at once may mix things up.
final class RecentClusters: Sendable {
    private static let places = 1024
    /// A cluster that was decoded so often in part is worth being decoded whole.
    private static let patience: UInt64 = 2
    /// Parts of other clusters after which those before count no longer: a cluster that was kept would have had to go.
    private static let memory: UInt32 = 64
    /// For each place the number of a cluster, and then from the top when the last part was noted (32 bits), where it ended
    /// (24 bits) and how many there were (8 bits).
    private let table = AtomicWords(atLeast: 2 * RecentClusters.places, each: .max)
    /// Counts what is noted.
    private let clock = Atomic<UInt32>(0)

    /// Notes a read of a part of `cluster`.
    ///
    /// - Returns: Whether it goes on where the last one ended, or comes soon after several others: then more will follow.
    func note(_ part: Range<Int>, of cluster: EncodedCluster) -> Bool {
        let number = cluster.place.number
        let place = Int(truncatingIfNeeded: (number &* 0x9E37_79B9_7F4A_7C15) >> 54)
        let now = clock.wrappingAdd(1, ordering: .relaxed).newValue
        let isKnown = table.exchange(number, at: place) == number
        let last = table[RecentClusters.places + place]
        let isRecent = isKnown && now &- UInt32(truncatingIfNeeded: last >> 32) <= RecentClusters.memory
        let count = isRecent ? last & 0xFF : 0
        let end = UInt64(truncatingIfNeeded: part.upperBound) & 0xFF_FFFF
        table[RecentClusters.places + place] = UInt64(now) << 32 | end << 8 | min(count + 1, 0xFF)
        let goesOn = isKnown && last >> 8 & 0xFF_FFFF == UInt64(truncatingIfNeeded: part.lowerBound)
        return goesOn || count >= RecentClusters.patience
    }
}
