// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

extension Directory {
    /// Hands the entries from position `cookie` on to `body`, in order, until it returns false.
    ///
    /// Positions are those of Linux: 0 is the start, and each entry knows the one behind it. A position that is none is
    /// taken for the next that is one. Nothing is allocated.
    package func forEachEntry(from cookie: UInt64, _ body: (DirectoryEntry) -> Bool) throws(ImageError) {
        var position = cookie
        let blockMask = UInt64(1 << blockBits) - 1
        while position < size {
            let block = try block(at: position & ~blockMask)
            let offset = Int(position & blockMask)
            let index = (offset + Self.recordLength - 1) / Self.recordLength
            guard try list(block, from: index, body) else { return }
            position = block.start + UInt64(block.bytes.count)
        }
        if isDotOmitted && position == size { _ = body(omittedDot) }
    }

    /// Hands the entries of one block to `body`.
    ///
    /// - Returns: Whether `body` wants more.
    private func list(
        _ block: DirectoryBlock, from first: Int, _ body: (DirectoryEntry) -> Bool
    ) throws(ImageError) -> Bool {
        let nameOffset = block.firstNameOffset
        guard nameOffset > 0, nameOffset % Self.recordLength == 0, nameOffset <= block.bytes.count else {
            throw damage("nameoff", nameOffset, at: block.start)
        }
        let count = nameOffset / Self.recordLength
        var index = first
        while index < count {
            let name = try checkedName(index, of: count, in: block)
            let isLast = index + 1 == count
            let next = isLast ? UInt64(block.bytes.count) : UInt64((index + 1) * Self.recordLength)
            guard body(block.entry(index, name: name, next: block.start + next)) else { return false }
            index += 1
        }
        return true
    }

    private func checkedName(
        _ index: Int, of count: Int, in block: DirectoryBlock
    ) throws(ImageError) -> UnsafeRawBufferPointer {
        let offset = UInt64(index * Self.recordLength)
        let start = block.nameOffset(index)
        guard start <= block.bytes.count else { throw damage("nameoff", start, at: block.start + offset) }
        var end = block.bytes.count
        if index + 1 < count {
            end = block.nameOffset(index + 1)
        } else {
            let rest = block.bytes[start...]
            end = rest.firstIndex(of: 0) ?? end
        }
        guard end > start, end <= block.bytes.count, end - start <= Self.maximumNameLength else {
            throw damage("name length", end < start ? 0 : end - start, at: block.start + offset)
        }
        return UnsafeRawBufferPointer(rebasing: block.bytes[start..<end])
    }
}
