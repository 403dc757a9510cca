// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

extension UnitTable {
    /// Bytes of the cookie that chunks fill at most that are decoded together and not cut; the distance between two cuts.
    private static let longestRange: UInt64 = 16 << 20

    /// The units that cover `range`, in order.
    ///
    /// - Throws: ``RafsError/gap(offset:)`` when a byte of the range belongs to no chunk.
    package func units(covering range: Range<UInt64>) throws(RafsError) -> [Unit] {
        var units: [Unit] = []
        var cursor = range.lowerBound
        var index = range.isEmpty ? nil : chunk(at: cursor)
        while cursor < range.upperBound {
            guard let next = index, next < chunks.count else { throw .gap(offset: cursor) }
            let unit = try unit(of: next)
            guard unit.range.contains(cursor) else { throw .gap(offset: cursor) }
            units.append(unit)
            cursor = unit.range.upperBound
            index = unit.chunks.upperBound
        }
        return units
    }

    /// The smallest range of whole units that contains `range`; `range` itself where no unit is known.
    package func widened(_ range: Range<UInt64>) -> Range<UInt64> {
        guard !range.isEmpty, let first = try? units(covering: range.lowerBound..<range.lowerBound + 1).first,
            let last = try? units(covering: range.upperBound - 1..<range.upperBound).first
        else { return range }
        return first.range.lowerBound..<max(last.range.upperBound, range.upperBound)
    }

    /// The chunk with the largest offset at or below `offset`; nil before the first.
    package func chunk(at offset: UInt64) -> Int? {
        var low = 0
        var high = chunks.count
        while low < high {
            let middle = low + (high - low) / 2
            if chunks.offset(at: middle) <= offset { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : low - 1
    }

    /// The chunk at `index`; nil outside the table.
    package func entry(_ index: Int) -> ChunkEntry? {
        (0..<chunks.count).contains(index) ? chunks[index] : nil
    }

    private func unit(of index: Int) throws(RafsError) -> Unit {
        let chunk = chunks[index]
        let members = chunk.context == nil ? index..<index + 1 : members(with: index)
        let range = chunks[members.lowerBound].offset..<chunks[members.upperBound - 1].paddedEnd
        switch chunk.kind {
        case .single:
            let remote = chunk.remoteOffset..<chunk.remoteOffset + UInt64(chunk.remoteSize)
            return Unit(chunks: members, range: range, remote: remote, size: chunk.size)
        case .batch(let index, _):
            let context = try contexts.batch(index)
            let remote = chunk.remoteOffset..<chunk.remoteOffset + UInt64(context.remoteSize)
            return Unit(chunks: members, range: range, remote: remote, size: context.size)
        case .window(let index, _):
            let context = try contexts.window(index)
            return Unit(chunks: members, range: range, remote: context.remote, size: context.size)
        }
    }

    /// The chunks that are decoded together with the one at `index`.
    ///
    /// Tiny files take a block each, so that a batch or window may fill much more of the cookie than it has plain bytes.
    /// Such a run is cut at multiples of ``longestRange``, because what is fetched at once is held in memory. However long it
    /// is, no more of it is looked at than lies that far on either side.
    private func members(with index: Int) -> Range<Int> {
        let offset = chunks.offset(at: index)
        let first = first(before: index) { offset - $0 <= Self.longestRange }
        let start = chunks.offset(at: first)
        let end = end(behind: index) { chunks[$0].paddedEnd - start <= Self.longestRange }
        let isWhole = (first == 0 || !isNeighbour(first - 1)) && (end == chunks.count || !isNeighbour(end - 1))
        if isWhole { return first..<end }
        let cell = offset / Self.longestRange
        return self.first(before: index) {
            $0 / Self.longestRange == cell
        }..<self.end(behind: index) { chunks.offset(at: $0) / Self.longestRange == cell }
    }

    /// The first of the neighbours up to `index`, as far back as their offsets satisfy `isNear`.
    private func first(before index: Int, _ isNear: (UInt64) -> Bool) -> Int {
        var first = index
        while first > 0, isNear(chunks.offset(at: first - 1)), isNeighbour(first - 1) { first -= 1 }
        return first
    }

    /// The index behind the last of the neighbours from `index` on, as far as they satisfy `isNear`.
    private func end(behind index: Int, _ isNear: (Int) -> Bool) -> Int {
        var end = index + 1
        while end < chunks.count, isNear(end), isNeighbour(end - 1) { end += 1 }
        return end
    }

    /// Whether a chunk and the next are decoded from the same bytes and lie without a gap.
    private func isNeighbour(_ index: Int) -> Bool {
        let (first, second) = (chunks[index], chunks[index + 1])
        guard first.context == second.context, first.paddedEnd == second.offset else { return false }
        switch (first.kind, second.kind) {
        case (.batch, .batch): return first.remoteOffset == second.remoteOffset
        case (.window, .window): return true
        default: return false
        }
    }
}
