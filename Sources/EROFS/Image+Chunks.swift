// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

extension Image {
    /// The chunk that holds byte `offset`, and those after it that go on where it ends.
    func chunkExtent(of inode: Inode, at offset: UInt64, reach: UInt64) throws(ImageError) -> Extent {
        let format = ChunkFormat(inode.chunkFormat, blockBits: superblock.blockBits)
        let index = offset >> format.chunkBits
        let unit = UInt64(format.entryLength)
        let table = (inode.endOffset &+ unit &- 1) & ~(unit - 1)
        // Both factors are far below 2^54, and a position beyond the stream is refused below.
        let position = table &+ index &* unit
        let first = try record(in: inode.stream, at: position, count: format.entryLength)
        let start = index << format.chunkBits
        let end = min(inode.size, offset &+ reach)
        let wanted = Int(truncatingIfNeeded: (end &- 1) >> format.chunkBits &- index) + 1
        // What cannot be looked at yet is not merged; it has its own turn.
        var entries = first
        if wanted > 1, let more = try? record(in: inode.stream, at: position, count: wanted * format.entryLength) {
            entries = more
        }
        let chunks = merged(entries, format)
        let length = min(UInt64(chunks) << format.chunkBits, inode.size - start)
        guard let entry = format.entry(0, of: first) else {
            return Extent(start: start, length: length, source: .hole)
        }
        let run = DeviceRun(
            start: start, length: length, device: deviceTable.masked(entry.device),
            address: entry.block << superblock.blockBits)
        return try extent(in: run, at: offset)
    }

    /// The number of entries, from the first, that make one run.
    @inline(__always)
    private func merged(_ entries: Record, _ format: ChunkFormat) -> Int {
        let count = entries.count / format.entryLength
        let first = format.entry(0, of: entries)
        let step = UInt64(1) << (format.chunkBits - superblock.blockBits)
        var merged = 1
        while merged < count {
            let next = format.entry(merged, of: entries)
            if let first, let next {
                guard next.device == first.device, next.block == first.block &+ UInt64(merged) &* step else { break }
            } else if (first == nil) != (next == nil) {
                break
            }
            merged += 1
        }
        return merged
    }
}
