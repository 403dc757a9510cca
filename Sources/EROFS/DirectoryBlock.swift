// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// A block of a directory, with the arithmetic of its records and names.
struct DirectoryBlock {
    let bytes: UnsafeRawBufferPointer
    /// The block's position in the directory.
    let start: UInt64
    let blockSize: Int

    /// The name offset of the first record, which tells how many records there are; 0 in a block too short for one.
    @inline(__always)
    var firstNameOffset: Int { bytes.count < Directory.recordLength ? 0 : nameOffset(0) }

    /// The name offset in record `index`, as it stands there.
    @inline(__always)
    func nameOffset(_ index: Int) -> Int { Int(UInt16(littleEndian: load(index, 8))) }

    /// The name of record `index` of `count`: what lies in the block between its offset and the next one, up to a NUL.
    ///
    /// Takes any offset for good: a wrong one yields a wrong or an empty name.
    @inline(__always)
    func name(_ index: Int, of count: Int) -> UnsafeRawBufferPointer {
        let from = min(nameOffset(index) & (blockSize - 1), bytes.count)
        let to = index + 1 < count ? min(nameOffset(index + 1) & (blockSize - 1), bytes.count) : bytes.count
        return UnsafeRawBufferPointer(rebasing: bytes[from..<max(from, to)])
    }

    /// The entry that record `index` makes with `name`.
    @inline(__always)
    func entry(_ index: Int, name: UnsafeRawBufferPointer, next: UInt64) -> DirectoryEntry {
        DirectoryEntry(
            nid: NodeID(rawValue: UInt64(littleEndian: load(index, 0))), type: FileType(rawValue: load(index, 10)),
            name: name, nextCookie: next)
    }

    @inline(__always)
    private func load<Value: FixedWidthInteger & BitwiseCopyable>(_ index: Int, _ offset: Int) -> Value {
        bytes.loadUnaligned(fromByteOffset: index * Directory.recordLength + offset, as: Value.self)
    }
}
