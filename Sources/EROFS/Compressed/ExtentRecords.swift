// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The extent records of a compressed inode, which may name any bytes and not only whole blocks.
///
/// Records of 4 and 8 bytes stand for one logical cluster each. Those of 16 and 32 bytes say where they start.
struct ExtentRecords {
    let map: CompressionMap
    private let image: Image
    private let stream: Stream
    /// The position of the first thing behind the header.
    private let start: UInt64

    /// One record, with the range of the file that it stands for.
    struct Record {
        var range: Range<UInt64>
        /// Length, format and flag of the cluster.
        var length: UInt32
        /// The address of the cluster.
        var address: UInt64
        /// Whether there are no more records behind.
        var isLast: Bool
    }

    /// The records of the inode that `map` belongs to, which must have such.
    init(_ map: CompressionMap, in image: Image) {
        self.map = map
        self.image = image
        stream = map.inode.stream
        let mask = UInt64(1) << map.recordBits - 1
        start = (map.headerOffset &+ 8 &+ mask) & ~mask
    }

    /// The record that covers byte `offset`; nil when there is a hole, with its range.
    func record(at offset: UInt64) throws(ImageError) -> (record: Record?, range: Range<UInt64>) {
        guard map.recordBits > 3 else {
            let record = try clusterRecord(at: offset)
            return (record, record.range)
        }
        return try search(offset)
    }

    private func load(_ offset: UInt64, count: Int) throws(ImageError) -> EROFS.Record {
        try image.record(in: stream, at: offset, count: count)
    }

    /// The byte of the stream where record `number` starts, if records begin at `first`.
    private func position(_ number: UInt64, from first: UInt64) throws(ImageError) -> UInt64 {
        let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << map.recordBits)
        let (offset, overflow2) = bytes.addingReportingOverflow(first)
        guard !overflow, !overflow2 else {
            throw .outOfBounds(offset: .max, count: 1 << map.recordBits, size: image.primary.count)
        }
        return offset
    }

    private func clusterRecord(at offset: UInt64) throws(ImageError) -> Record {
        let bits = map.clusterBits(blockBits: image.superblock.blockBits)
        let number = offset >> bits
        let size = map.inode.size
        let begin = number << bits
        let range = begin..<begin + min(1 << bits, size - begin)
        let isLast = range.upperBound == size
        if map.recordBits == 3 {
            let record = try load(position(number, from: start), count: 8)
            return Record(range: range, length: record.u32(0), address: UInt64(record.u32(4)), isLast: isLast)
        }
        let length = try load(position(number, from: start &+ 8), count: 4).u32(0)
        return Record(range: range, length: length, address: try summedAddress(number), isLast: isLast)
    }

    /// The address of cluster `number`, when only the first one's is stored: all earlier ones lie between.
    ///
    /// Sums are remembered every so often, so that reading on does not begin at the first record again and again.
    private func summedAddress(_ number: UInt64) throws(ImageError) -> UInt64 {
        var block = number / AddressMemo.stride
        var known = image.addressMemo.address(of: map.inode.nid, block)
        while known == nil && block > 0 {
            block -= 1
            known = image.addressMemo.address(of: map.inode.nid, block)
        }
        var address: UInt64
        if let known { address = known } else { address = try load(start, count: 8).u64(0) }
        var next = block * AddressMemo.stride
        while next < number {
            let count = min(AddressMemo.stride, number - next)
            address = try address &+ sum(next, count)
            next += count
            if count == AddressMemo.stride {
                image.addressMemo.remember(address, of: map.inode.nid, next / AddressMemo.stride)
            }
        }
        return address
    }

    private func sum(_ first: UInt64, _ count: UInt64) throws(ImageError) -> UInt64 {
        let records = try load(position(first, from: start &+ 8), count: Int(count) * 4)
        var sum: UInt64 = 0
        for index in 0..<Int(count) { sum &+= UInt64(records.u32(index * 4) & ExtentRecords.lengthMask) }
        return sum
    }

    /// Finds the last record that starts at or before `offset`.
    private func search(_ offset: UInt64) throws(ImageError) -> (record: Record?, range: Range<UInt64>) {
        var (low, high) = (UInt64(0), map.recordCount)
        var end = map.inode.size
        var found: Record?
        while low < high {
            let middle = low + (high - low) / 2
            let record = try load(position(middle, from: start), count: 1 << map.recordBits)
            let begin = UInt64(record.u32(12)) | (map.recordBits > 4 ? UInt64(record.u32(16)) << 32 : 0)
            guard begin <= offset else {
                guard begin <= end else { throw map.damaged("lstart", begin) }
                (high, end) = (middle, begin)
                continue
            }
            low = middle + 1
            let address = UInt64(record.u32(4)) | UInt64(record.u32(8)) << 32
            found = Record(range: begin..<end, length: record.u32(0), address: address, isLast: low == map.recordCount)
        }
        guard var found else { return (nil, offset..<end) }
        found.range = found.range.lowerBound..<end
        return (found, found.range)
    }

    /// The bits of a record's length that count bytes.
    static let lengthMask: UInt32 = 0x1F_FFFF
}

extension Image {
    /// The extent at `offset` of an inode with extent records (`z_erofs_map_blocks_ext` in Linux).
    func recordedExtent(_ records: ExtentRecords, at offset: UInt64) throws(ImageError) -> Extent {
        let map = records.map
        let (found, range) = try records.record(at: offset)
        let hole = Extent(start: range.lowerBound, length: range.upperBound - range.lowerBound, source: .hole)
        guard let record = found else { return hole }
        if record.isLast, map.advice.contains(.fragmentTail) {
            let high = map.recordBits > 2 ? record.address << 32 : 0
            return try fragmentExtent(range, at: UInt64(record.length) | high, of: map)
        }
        let length = UInt64(record.length & ExtentRecords.lengthMask)
        guard length > 0 else { return hole }
        let format = Int(record.length >> 28)
        let isAligned = (record.address | length) & UInt64(superblock.blockSize - 1) == 0
        let run = EncodedRun(
            start: range.lowerBound, length: hole.length, address: .device(record.address), encodedLength: length,
            algorithm: format == 0
                ? .stored(isInterlaced: isAligned && map.advice.contains(.interlaced)) : .encoded(format - 1),
            isPartial: record.length >> 27 & 1 != 0)
        return try clusterExtent(run, of: map)
    }
}
