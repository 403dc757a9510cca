// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

extension Directory {
    /// The entry called `key`; nil if there is none.
    ///
    /// Looks at few blocks and not at all of their records, so damage elsewhere stays unnoticed, as in Linux.
    package func lookup(_ key: UnsafeRawBufferPointer) throws(ImageError) -> DirectoryEntry? {
        if isDotOmitted && key.count == 1 && key[0] == UInt8(ascii: ".") { return omittedDot }
        guard size > 0, key.count <= Self.maximumNameLength else { return nil }
        var low: UInt64 = 0
        var high = (size - 1) >> blockBits
        var candidate: DirectoryBlock?
        while low <= high {
            let middle = low + (high - low) / 2
            let block = try block(at: middle << blockBits)
            let order = Self.order(of: key, against: block.name(0, of: try recordCount(of: block)))
            if order == 0 { return entry(0, in: block) }
            if order > 0 {
                candidate = block
                low = middle + 1
            } else if middle == 0 {
                break
            } else {
                high = middle - 1
            }
        }
        return try candidate.flatMap { block throws(ImageError) in try find(key, in: block) }
    }

    /// The entry called `key` among the records of `block` behind the first.
    private func find(_ key: UnsafeRawBufferPointer, in block: DirectoryBlock) throws(ImageError) -> DirectoryEntry? {
        let count = try recordCount(of: block)
        var low = 1
        var high = count - 1
        while low <= high {
            let middle = low + (high - low) / 2
            let order = Self.order(of: key, against: block.name(middle, of: count))
            if order == 0 { return entry(middle, in: block) }
            if order > 0 { low = middle + 1 } else { high = middle - 1 }
        }
        return nil
    }

    private func entry(_ index: Int, in block: DirectoryBlock) -> DirectoryEntry {
        let next = block.start + UInt64((index + 1) * Self.recordLength)
        return block.entry(index, name: UnsafeRawBufferPointer(start: nil, count: 0), next: next)
    }

    @inline(__always)
    private func recordCount(of block: DirectoryBlock) throws(ImageError) -> Int {
        let nameOffset = block.firstNameOffset & (block.blockSize - 1)
        let count = nameOffset / Self.recordLength
        guard count > 0, nameOffset <= block.bytes.count else {
            throw damage("nameoff", block.firstNameOffset, at: block.start)
        }
        return count
    }

    /// Negative, zero or positive as `key` sorts before, equals or sorts behind `name`, which may end with a NUL.
    @inline(__always)
    private static func order(of key: UnsafeRawBufferPointer, against name: UnsafeRawBufferPointer) -> Int {
        let common = min(key.count, name.count)
        if common > 0, let left = key.baseAddress, let right = name.baseAddress {
            // A key has no NUL, so it sorts behind a name that ends with one here.
            let order = memcmp(left, right, common)
            if order != 0 { return Int(order) }
        }
        if key.count > common { return 1 }
        return name.count == common || name[common] == 0 ? 0 : -1
    }
}
