// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// What the index says about one logical cluster of a file.
struct IndexEntry {
    /// Whether, and how, an extent starts in the logical cluster.
    enum Kind: UInt8 {
        /// A stored extent starts here.
        case plain = 0
        /// An extent of the first algorithm starts here.
        case head = 1
        /// No extent starts here.
        case continuation = 2
        /// An extent of the second algorithm starts here.
        case secondHead = 3

        /// Takes the low two bits.
        @inline(__always)
        init(bits: UInt32) {
            switch bits & 3 {
            case 0: self = .plain
            case 1: self = .head
            case 2: self = .continuation
            default: self = .secondHead
            }
        }
    }

    /// Whether, and how, an extent starts here.
    var kind: Kind
    /// Heads: where in the logical cluster the extent starts.
    var startInCluster: UInt64 = 0
    /// Heads: the block of the physical cluster.
    var block: UInt64 = 0
    /// Heads: whether the stream may decode to more than the extent.
    var isPartial = false
    /// Continuations: logical clusters back to the head, or to an entry nearer to it.
    var back: UInt64 = 0
    /// Continuations: logical clusters on to the next head, or to an entry nearer to it.
    var forward: UInt64 = 1
    /// The continuation behind the head of a big cluster: its blocks; else nil.
    var clusterBlocks: UInt64?
    /// The position behind the entry, or behind the pack that it is in.
    var endOffset: UInt64 = 0

    /// The bit that makes a distance back a number of blocks.
    static let blocksFlag: UInt32 = 1 << 11
}
