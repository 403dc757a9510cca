// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Index entries packed together: a stream of bits, then the block number that the heads among them count from.
///
/// Each entry has a value of at least 12 bits, then two bits of kind.
struct IndexPack {
    /// The sizes of packs.
    enum Form {
        /// Two entries of 16 bits.
        case twoLong
        /// Sixteen entries of 14 bits.
        case sixteenShort

        var slots: Int { self == .twoLong ? 2 : 16 }
        /// Bytes of the pack.
        var length: Int { self == .twoLong ? 8 : 32 }
        /// Bytes of the pack, block number included, for each entry.
        var entryLength: Int { self == .twoLong ? 4 : 2 }
        var entryBits: Int { self == .twoLong ? 16 : 14 }
        /// log2 of the largest logical cluster whose offsets an entry can hold.
        var largestClusterBits: Int { self == .twoLong ? 14 : 12 }
    }

    /// The bytes of the pack.
    let record: Record
    let form: Form
    /// log2 of the bytes of a logical cluster.
    let clusterBits: Int

    /// The entry in slot `slot`; nil when the pack contradicts itself.
    func entry(_ slot: Int, hasBigClusters: Bool) -> IndexEntry? {
        let (value, kind) = stored(slot)
        var entry = IndexEntry(kind: kind)
        guard kind == .continuation else {
            entry.startInCluster = UInt64(value)
            guard let block = block(of: slot, hasBigClusters: hasBigClusters) else { return nil }
            entry.block = block
            return entry
        }
        entry.forward = distanceForward(from: slot)
        let isLast = slot + 1 == form.slots
        // The last entry of a pack holds the distance forward; the one before it tells how far back its head is.
        entry.take(back: isLast && value & IndexEntry.blocksFlag == 0 ? distanceBack(before: slot) : value)
        return entry
    }

    private func stored(_ slot: Int) -> (value: UInt32, kind: IndexEntry.Kind) {
        let valueBits = max(clusterBits, 12)
        let position = slot * form.entryBits
        let bits = record.u32(position / 8) >> UInt32(position % 8)
        return (bits & (1 << valueBits - 1), IndexEntry.Kind(bits: bits >> valueBits))
    }

    /// The distance back of the entry in `slot`, judged by the entry before it.
    private func distanceBack(before slot: Int) -> UInt32 {
        let (value, kind) = stored(slot - 1)
        guard kind == .continuation else { return 1 }
        return value & IndexEntry.blocksFlag != 0 ? 2 : value + 1
    }

    /// Entries from `slot` on to the next head, or to the end of the pack when only that is known.
    private func distanceForward(from slot: Int) -> UInt64 {
        var distance: UInt64 = 0
        for next in slot..<form.slots {
            let (value, kind) = stored(next)
            guard kind == .continuation else { return max(1, distance) }
            distance += 1
            if next + 1 == form.slots, value & IndexEntry.blocksFlag == 0, value > 0 { distance += UInt64(value) - 1 }
        }
        return distance
    }

    /// The block of the head in `slot`: the pack's, plus the blocks of the clusters that start in the pack before it.
    private func block(of slot: Int, hasBigClusters: Bool) -> UInt64? {
        let base = UInt64(record.u32(form.length - 4))
        guard let earlier = hasBigClusters ? bigBlocks(before: slot) : clusters(before: slot) else { return nil }
        return base + earlier
    }

    /// Clusters of one block each; the base is the block before the first.
    private func clusters(before slot: Int) -> UInt64? {
        var clusters: UInt64 = 1
        var slot = slot
        while slot > 0 {
            slot -= 1
            let (value, kind) = stored(slot)
            if kind == .continuation { slot -= Int(value) }
            if slot >= 0 { clusters += 1 }
        }
        return clusters
    }

    private func bigBlocks(before slot: Int) -> UInt64? {
        var blocks: UInt64 = 0
        var slot = slot
        while slot > 0 {
            slot -= 1
            let (value, kind) = stored(slot)
            if kind != .continuation {
                blocks += 1
            } else if value & IndexEntry.blocksFlag != 0 {
                blocks += UInt64(value & ~IndexEntry.blocksFlag)
                slot -= 1
            } else {
                // A cluster of one block has no continuation that is just one entry behind its head.
                guard value > 1 else { return nil }
                slot -= Int(value) - 2
            }
        }
        return blocks
    }
}
