// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The index of a compressed inode: one entry for each logical cluster, in one of two forms.
struct ClusterIndex {
    let map: CompressionMap
    private let image: Image
    /// log2 of the bytes of a logical cluster.
    let clusterBits: Int
    /// The number of entries.
    let count: UInt64

    /// The index of the inode that `map` belongs to, which must not have extent records.
    init(_ map: CompressionMap, in image: Image) {
        self.map = map
        self.image = image
        clusterBits = map.clusterBits(blockBits: image.superblock.blockBits)
        // A size is at most 2^63 - 1 and a logical cluster at most 2^31 bytes, so the sum does not overflow.
        count = (map.inode.size + (1 << clusterBits) - 1) >> clusterBits
    }

    /// The entry of logical cluster `number`.
    func entry(_ number: UInt64) throws(ImageError) -> IndexEntry {
        guard number < count else { throw map.damaged("logical cluster", number) }
        let entry =
            map.inode.layout == .compressedFull ? try fullEntry(number) : try packedEntry(number)
        guard entry.startInCluster >> clusterBits == 0 else { throw map.damaged("clusterofs", entry.startInCluster) }
        if entry.clusterBlocks != nil, map.advice.isDisjoint(with: [.bigFirst, .bigSecond]) {
            throw map.damaged("cluster blocks", entry.clusterBlocks ?? 0)
        }
        return entry
    }

    /// Reads an 8-byte entry; they start 16 bytes behind the header.
    private func fullEntry(_ number: UInt64) throws(ImageError) -> IndexEntry {
        let offset = try position(16, plus: number, times: 8)
        let record = try image.record(in: map.inode.stream, at: offset, count: 8)
        let bits = record.u16(0)
        var entry = IndexEntry(kind: .init(bits: UInt32(bits)))
        entry.endOffset = offset + 8
        guard entry.kind == .continuation else {
            entry.isPartial = bits >> 15 != 0
            entry.startInCluster = UInt64(record.u16(2))
            entry.block = UInt64(record.u32(4))
            return entry
        }
        entry.take(back: UInt32(record.u16(4)))
        // Old images leave the distance forward 0.
        entry.forward = max(1, UInt64(record.u16(6)))
        return entry
    }

    private func packedEntry(_ number: UInt64) throws(ImageError) -> IndexEntry {
        let place = try packPlace(number)
        let record = try image.record(in: map.inode.stream, at: place.offset, count: place.form.length)
        let pack = IndexPack(record: record, form: place.form, clusterBits: clusterBits)
        guard var entry = pack.entry(place.slot, hasBigClusters: map.advice.contains(.bigFirst)) else {
            throw map.damaged("packed index", number)
        }
        entry.endOffset = place.offset + UInt64(place.form.length)
        return entry
    }

    /// The pack that holds an entry, and the entry's slot in it.
    ///
    /// First 4-byte entries up to an address that is a multiple of 32, then as many 2-byte ones as fill packs, then
    /// 4-byte ones again.
    private func packPlace(_ number: UInt64) throws(ImageError) -> (offset: UInt64, form: IndexPack.Form, slot: Int) {
        let start = try position(8, plus: 0, times: 1)
        let leading = ((32 - start % 32) / 4) % 8
        let hasShort = map.advice.contains(.twoByteIndexes) && leading < count
        let short = hasShort ? (count - leading) & ~15 : 0
        let form: IndexPack.Form = number >= leading && number - leading < short ? .sixteenShort : .twoLong
        guard clusterBits <= IndexPack.Form.twoLong.largestClusterBits else {
            throw .invalid(.inode(map.inode.nid), field: "h_clusterbits", value: UInt64(clusterBits))
        }
        guard clusterBits <= form.largestClusterBits else {
            throw .unsupported(.inode(map.inode.nid), field: "h_clusterbits", value: UInt64(clusterBits))
        }
        let shortBefore = number < leading ? 0 : min(number - leading, short)
        let bytes = (number - shortBefore) * 4 + shortBefore * 2
        let offset = try position(8, plus: bytes, times: 1)
        let inPack = offset % UInt64(form.length)
        return (offset - inPack, form, Int(inPack) / form.entryLength)
    }

    /// The stream position `distance` bytes and `count` things of `size` bytes behind the header.
    private func position(_ distance: UInt64, plus count: UInt64, times size: UInt64) throws(ImageError) -> UInt64 {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
        let (offset, overflow2) = bytes.addingReportingOverflow(map.headerOffset &+ distance)
        guard !overflow, !overflow2, offset < 1 << 62 else {
            throw .outOfBounds(offset: .max, count: size, size: image.primary.count)
        }
        return offset
    }
}

extension IndexEntry {
    /// Takes a distance back, which may be a number of blocks instead.
    @inline(__always)
    mutating func take(back value: UInt32) {
        guard value & IndexEntry.blocksFlag != 0 else {
            back = UInt64(value)
            return
        }
        clusterBlocks = UInt64(value & ~IndexEntry.blocksFlag)
        back = 1
    }
}
