// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The map header of a compressed inode, and with it where the inode's indexes or extent records lie.
///
///     0 4  offset of the tail fragment; or 2 bytes reserved, 2 bytes length of the inlined tail; or records, low bits
///     4 2  advise
///     6 1  algorithms of HEAD1 (low half) and HEAD2; or records, bits 32 to 39
///     7 1  log2 of the blocks in a logical cluster; or records, bits 40 to 47; bit 7: the file is a whole fragment
struct CompressionMap {
    /// The inode that is mapped.
    let inode: Inode
    /// The position of the header in the inode's stream.
    let headerOffset: UInt64
    /// The header as one number.
    private let header: UInt64

    /// Reads the header and checks what can be checked without the indexes.
    init(of inode: Inode, in image: Image) throws(ImageError) {
        let (padded, overflow) = inode.endOffset.addingReportingOverflow(7)
        guard !overflow else { throw .outOfBounds(offset: .max, count: 8, size: image.primary.count) }
        self.inode = inode
        headerOffset = padded & ~7
        header = try image.record(in: inode.stream, at: headerOffset, count: 8).u64(0)
        if wholeFragment == nil && !hasExtentRecords { try checkBigClusters(image.superblock) }
    }

    /// The offset in the packed inode, when the whole file lies there; nil if it does not.
    ///
    /// To be looked at before anything else: then the header has no other meaning.
    var wholeFragment: UInt64? { header >> 63 == 0 ? nil : header & (UInt64.max >> 1) }

    /// What the header says about the inode.
    var advice: Advice { Advice(rawValue: UInt16(truncatingIfNeeded: header >> 32)) }

    /// Whether there are extent records instead of an index entry for each logical cluster.
    var hasExtentRecords: Bool { inode.layout == .compressedFull && advice.contains(.extentRecords) }

    /// log2 of the bytes of an extent record, when there are such: 2 to 5.
    var recordBits: Int { 2 + Int(advice.rawValue >> 1 & 3) }

    /// The number of extent records, where it is stored.
    var recordCount: UInt64 { header & 0xFFFF_FFFF | (header >> 48) << 32 }

    /// log2 of the bytes of a logical cluster.
    func clusterBits(blockBits: Int) -> Int { blockBits + Int(header >> 56 & 15) }

    /// The low 32 bits of the tail fragment's offset.
    var fragmentOffset: UInt32 { UInt32(truncatingIfNeeded: header) }

    /// Bytes of the tail inlined behind the indexes; 0 if there is none.
    var inlinedLength: Int {
        guard advice.contains(.inlinedTail), !advice.contains(.fragmentTail) else { return 0 }
        return Int(header >> 16 & 0xFFFF)
    }

    /// The id of the algorithm of extents that start with HEAD1.
    var firstAlgorithm: Int { Int(header >> 48 & 15) }

    /// The id of the algorithm of extents that start with HEAD2.
    var secondAlgorithm: Int { Int(header >> 52 & 15) }

    /// An error that says what of this inode is damaged.
    func damaged(_ field: String, _ value: UInt64) -> ImageError {
        .damaged(.inode(inode.nid), field: field, value: value)
    }

    private func checkBigClusters(_ superblock: Superblock) throws(ImageError) {
        let (first, second) = (advice.contains(.bigFirst), advice.contains(.bigSecond))
        let isKnown = superblock.incompatible.contains(.bigClusters)
        guard isKnown || !(first || second) else { throw damaged("h_advise", UInt64(advice.rawValue)) }
        guard inode.layout != .compressedCompact || first == second else {
            throw damaged("h_advise", UInt64(advice.rawValue))
        }
    }

    /// The bits of `h_advise`.
    struct Advice: OptionSet {
        let rawValue: UInt16

        /// Packed indexes: most of them have 2 bytes.
        static let twoByteIndexes = Advice(rawValue: 0x01)
        /// Full layout: extent records.
        static let extentRecords = Advice(rawValue: 0x01)
        /// Clusters of HEAD1 may have several blocks.
        static let bigFirst = Advice(rawValue: 0x02)
        /// Clusters of HEAD2, and stored ones, may have several blocks.
        static let bigSecond = Advice(rawValue: 0x04)
        /// The last cluster may lie behind the indexes.
        static let inlinedTail = Advice(rawValue: 0x08)
        /// Stored clusters are rotated.
        static let interlaced = Advice(rawValue: 0x10)
        /// The last extent lies in the packed inode.
        static let fragmentTail = Advice(rawValue: 0x20)
    }
}
