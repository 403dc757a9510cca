// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

// Extents of inodes with an index entry for each logical cluster (`z_erofs_map_blocks_fo` in Linux).
extension Image {
    func indexedExtent(_ index: ClusterIndex, at offset: UInt64) throws(ImageError) -> Extent {
        let map = index.map
        // Linux takes a logical cluster of this size for an extent that decodes to too much.
        guard
            map.inode.layout == .compressedCompact
                || 1 << index.clusterBits <= CompressionConfiguration.maximumDecodedLength
        else {
            throw .unsupported(.inode(map.inode.nid), field: "h_clusterbits", value: UInt64(index.clusterBits))
        }
        let head = try head(of: offset, in: index)
        let end = try end(after: head, in: index)
        let range = head.start..<end
        if end == map.inode.size {
            if map.advice.contains(.fragmentTail) {
                let high = map.inode.layout == .compressedFull ? head.entry.block << 32 : 0
                return try fragmentExtent(range, at: UInt64(map.fragmentOffset) | high, of: map)
            }
            if map.inlinedLength > 0 { return try inlinedExtent(range, head, in: index) }
        }
        let blocks = try blocks(of: head, in: index)
        var run = EncodedRun(head, range, algorithm: algorithm(of: head, map), blockBits: superblock.blockBits)
        run.encodedLength = blocks << superblock.blockBits
        return try clusterExtent(run, of: map)
    }

    /// The head of the extent that contains byte `offset`.
    private func head(of offset: UInt64, in index: ClusterIndex) throws(ImageError) -> ExtentHead {
        var number = offset >> index.clusterBits
        var entry = try index.entry(number)
        if entry.kind != .continuation, offset - number << index.clusterBits < entry.startInCluster {
            // What comes before the start belongs to the extent before.
            entry.kind = .continuation
            entry.back = 1
        }
        var steps = walkLimit(index)
        while entry.kind == .continuation {
            guard entry.back > 0, entry.back <= number, steps > 0 else {
                throw index.map.damaged("distance to the head", entry.back)
            }
            steps -= 1
            number -= entry.back
            entry = try index.entry(number)
        }
        return ExtentHead(
            number: number, start: number << index.clusterBits + entry.startInCluster, entry: entry)
    }

    /// The offset behind the extent's last byte: where the next head is, or the end of the file.
    private func end(after head: ExtentHead, in index: ClusterIndex) throws(ImageError) -> UInt64 {
        var number = head.number + 1
        var steps = walkLimit(index)
        while number < index.count {
            let entry = try index.entry(number)
            if entry.kind != .continuation {
                let end = number << index.clusterBits + entry.startInCluster
                guard end <= index.map.inode.size else { throw index.map.damaged("clusterofs", entry.startInCluster) }
                return end
            }
            guard steps > 0 else { throw index.map.damaged("distance to the next head", entry.forward) }
            steps -= 1
            number += entry.forward
        }
        return index.map.inode.size
    }

    /// The most entries that a walk looks at: enough for the longest cluster entry by entry, and for fragments of any
    /// length, whose entries reach 2047 logical clusters far.
    private func walkLimit(_ index: ClusterIndex) -> UInt64 {
        UInt64(CompressionConfiguration.maximumDecodedLength) >> index.clusterBits + index.count >> 10 + 16
    }

    /// The blocks of the head's physical cluster.
    private func blocks(of head: ExtentHead, in index: ClusterIndex) throws(ImageError) -> UInt64 {
        let flag: CompressionMap.Advice = head.entry.kind == .head ? .bigFirst : .bigSecond
        let next = head.number + 1
        guard index.map.advice.contains(flag), next < index.count else { return 1 }
        let entry = try index.entry(next)
        guard entry.kind == .continuation else { return 1 }
        guard let blocks = entry.clusterBlocks, blocks > 0 else {
            throw index.map.damaged("cluster blocks", entry.clusterBlocks ?? 0)
        }
        return blocks
    }

    /// A tail extent whose cluster lies behind the index.
    private func inlinedExtent(
        _ range: Range<UInt64>, _ head: ExtentHead, in index: ClusterIndex
    ) throws(ImageError) -> Extent {
        let map = index.map
        let place = MetadataPlace(stream: map.inode.stream, offset: try index.entry(index.count - 1).endOffset)
        let inBlock = Int(place.offset & UInt64(superblock.blockSize - 1))
        guard inBlock + map.inlinedLength <= superblock.blockSize else {
            throw map.damaged("h_idata_size", UInt64(map.inlinedLength))
        }
        var algorithm = algorithm(of: head, map)
        // Such tails are never rotated, whatever the header says of the other clusters.
        if case .stored = algorithm { algorithm = .stored(isInterlaced: false) }
        var run = EncodedRun(head, range, algorithm: algorithm, blockBits: superblock.blockBits)
        run.address = .metadata(place)
        run.encodedLength = UInt64(map.inlinedLength)
        return try clusterExtent(run, of: map)
    }

    private func algorithm(of head: ExtentHead, _ map: CompressionMap) -> EncodedRun.Algorithm {
        switch head.entry.kind {
        case .head: .encoded(map.firstAlgorithm)
        case .secondHead: .encoded(map.secondAlgorithm)
        case .plain, .continuation: .stored(isInterlaced: map.advice.contains(.interlaced))
        }
    }
}

/// The first logical cluster of an extent.
private struct ExtentHead {
    let number: UInt64
    /// The file offset of the extent's first byte.
    let start: UInt64
    let entry: IndexEntry
}

extension EncodedRun {
    /// A run in the blocks that its head names.
    fileprivate init(_ head: ExtentHead, _ range: Range<UInt64>, algorithm: Algorithm, blockBits: Int) {
        self.init(
            start: range.lowerBound, length: range.upperBound - range.lowerBound,
            address: .device(head.entry.block << blockBits), encodedLength: 0, algorithm: algorithm,
            isPartial: head.entry.isPartial)
    }
}
