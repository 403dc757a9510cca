// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

extension Image {
    /// The content of the directory `inode`, in place.
    ///
    /// Throws ``ImageError/needsContent(_:)`` when it is compressed, in chunks, or on another device: then the caller
    /// reads it as a file's content and makes a ``Directory`` of that.
    @inline(__always)
    package func directory(_ inode: Inode) throws(ImageError) -> Directory {
        guard inode.type == .directory else {
            throw .damaged(.inode(inode.nid), field: "i_mode", value: UInt64(inode.mode))
        }
        let blockBits = superblock.blockBits
        let bodyLength = inode.bodyLength(blockBits: blockBits)
        switch inode.layout {
        case .flatPlain:
            let start = try startOfBlocks(of: inode, length: bodyLength)
            return Directory(inode, bytes: primary, bodyStart: start, blockBits: blockBits)
        case .flatInline:
            let length = inode.size - bodyLength
            try checkInlineTail(of: inode, length: length)
            let start = bodyLength == 0 ? 0 : try startOfBlocks(of: inode, length: bodyLength)
            let tail = inode.stream == .primary ? nil : try bytes(of: inode.stream)
            return Directory(
                inode, bytes: primary, bodyStart: start, bodyLength: bodyLength, tailBytes: tail,
                tailStart: inode.endOffset, blockBits: blockBits)
        case .chunkBased, .compressedFull, .compressedCompact: throw .needsContent(inode.nid)
        }
    }

    /// Where the blocks of a flat directory start, whose first `length` bytes lie there, as far as the image has them.
    @inline(__always)
    private func startOfBlocks(of inode: Inode, length: UInt64) throws(ImageError) -> UInt64 {
        guard let block = inode.startBlock else {
            throw .damaged(.directory(inode.nid, offset: 0), field: "nameoff", value: 0)
        }
        let address = block << superblock.blockBits
        let place = try deviceTable.resolve(device: 0, address: address)
        guard place.id == 0, place.remaining >= length else { throw .needsContent(inode.nid) }
        guard address <= primary.count else {
            throw .outOfBounds(offset: address, count: length, size: primary.count)
        }
        return address
    }
}
