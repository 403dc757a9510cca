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
    private let bodyLength: UInt64
    /// What the content lies in, or its body alone: one run, so that there is one owner to keep for a request.
    private let bytes: ImageBytes
    private let bodyStart: UInt64
    /// What the tail lies in; nil where the body does.
    private let tailBytes: ImageBytes?
    private let tailStart: UInt64

    /// The directory `inode`, whose whole content the caller has read from where the image has it.
    package init(_ inode: Inode, content: ImageBytes, blockBits: Int) {
        self.init(inode, bytes: content, blockBits: blockBits)
    }

    /// The directory `inode`, whose content begins at byte `bodyStart` of `bytes`.
    ///
    /// What is behind the first `bodyLength` bytes of it begins at byte `tailStart` of `tailBytes`, or of `bytes` if that is nil.
    /// Both starts are below half of the numbers.
    @inline(__always)
    init(
        _ inode: Inode, bytes: ImageBytes, bodyStart: UInt64 = 0, bodyLength: UInt64 = .max,
        tailBytes: ImageBytes? = nil, tailStart: UInt64 = 0, blockBits: Int
    ) {
        nid = inode.nid
        size = inode.size
        isDotOmitted = inode.isDotOmitted
        self.blockBits = blockBits
        self.bytes = bytes
        self.bodyStart = bodyStart
        self.bodyLength = bodyLength
        self.tailBytes = tailBytes
        self.tailStart = tailStart
    }

    /// The bytes of the block that starts at byte `start`; fewer than a block at the directory's end.
    @inline(__always)
    func block(at start: UInt64) throws(ImageError) -> DirectoryBlock {
        let length = Int(min(size - start, 1 << blockBits))
        return DirectoryBlock(bytes: try memory(at: start, count: length), start: start, blockSize: 1 << blockBits)
    }

    @inline(__always)
    private func memory(at start: UInt64, count: Int) throws(ImageError) -> UnsafeRawBufferPointer {
        // No sum is too large: starts and sizes of files are below half of the numbers.
        if start < bodyLength { return try bytes.bytes(at: bodyStart &+ start, count: count) }
        let position = tailStart &+ (start - bodyLength)
        guard let tailBytes else { return try bytes.bytes(at: position, count: count) }
        return try tailBytes.bytes(at: position, count: count)
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
