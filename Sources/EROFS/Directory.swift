// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The content of a directory: blocks of records, each followed by its names.
///
/// A record has 12 bytes: the nid (8), the offset of the name in the block (2), the type of file (1) and a reserved byte.
/// Names are sorted over the whole directory. The content may be in two pieces, of which the first has whole blocks.
package struct Directory: Sendable {
    static let recordLength = 12
    static let maximumNameLength = 255

    /// The directory's inode.
    package let nid: NodeID
    /// Bytes of content.
    package let size: UInt64
    /// Whether there is no record for ".".
    let isDotOmitted: Bool
    let blockBits: Int
    private let body: ImageBytes
    private let tail: ImageBytes
    private let bodyLength: UInt64

    /// The directory `inode`, whose whole content the caller has read from where the image has it.
    package init(_ inode: Inode, content: ImageBytes, blockBits: Int) {
        self.init(inode, body: content, tail: content, bodyLength: .max, blockBits: blockBits)
    }

    /// The directory `inode` with the first `bodyLength` bytes of its content in `body` and the rest in `tail`.
    init(_ inode: Inode, body: ImageBytes, tail: ImageBytes, bodyLength: UInt64, blockBits: Int) {
        nid = inode.nid
        size = inode.size
        isDotOmitted = inode.isDotOmitted
        self.blockBits = blockBits
        self.body = body
        self.tail = tail
        self.bodyLength = bodyLength
    }

    /// The bytes of the block that starts at byte `start`; fewer than a block at the directory's end.
    @inline(__always)
    func block(at start: UInt64) throws(ImageError) -> DirectoryBlock {
        let length = Int(min(size - start, 1 << blockBits))
        let bytes =
            start < bodyLength
            ? try body.bytes(at: start, count: length) : try tail.bytes(at: start - bodyLength, count: length)
        return DirectoryBlock(bytes: bytes, start: start, blockSize: 1 << blockBits)
    }

    /// The error for a field of the record at byte `offset` of the content.
    func damage(_ field: String, _ value: Int, at offset: UInt64) -> ImageError {
        .damaged(.directory(nid, offset: offset), field: field, value: UInt64(value))
    }

    /// The entry "." of a directory that has no record for it: it stands at the position of the end.
    var omittedDot: DirectoryEntry {
        DirectoryEntry(nid: nid, type: .directory, name: Self.dot, nextCookie: size &+ 1)
    }

    private static let dotText: StaticString = "."
    private static var dot: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: dotText.utf8Start, count: 1) }
}

/// A name in a directory.
package struct DirectoryEntry {
    /// The inode that the name stands for.
    package let nid: NodeID
    /// The type of file that the record tells; nil if it does not.
    package let type: FileType?
    /// The name; valid as long as the directory.
    package let name: UnsafeRawBufferPointer
    /// The position of the next entry, from which listing goes on behind this one.
    package let nextCookie: UInt64
}
