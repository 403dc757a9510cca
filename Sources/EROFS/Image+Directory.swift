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
            let body = try blocks(of: inode, length: bodyLength)
            return Directory(inode, body: body, tail: body, bodyLength: bodyLength, blockBits: blockBits)
        case .flatInline:
            let length = inode.size - bodyLength
            try checkInlineTail(of: inode, length: length)
            let tail = try bytes(of: inode.stream).slice(at: inode.endOffset, count: length)
            let body = bodyLength == 0 ? tail : try blocks(of: inode, length: bodyLength)
            return Directory(inode, body: body, tail: tail, bodyLength: bodyLength, blockBits: blockBits)
        case .chunkBased, .compressedFull, .compressedCompact: throw .needsContent(inode.nid)
        }
    }

    /// The first `length` bytes of a flat directory's blocks, or those that the image still has.
    private func blocks(of inode: Inode, length: UInt64) throws(ImageError) -> ImageBytes {
        guard let block = inode.startBlock else {
            throw .damaged(.directory(inode.nid, offset: 0), field: "nameoff", value: 0)
        }
        let address = block << superblock.blockBits
        let place = try deviceTable.resolve(device: 0, address: address)
        guard place.id == 0, place.remaining >= length else { throw .needsContent(inode.nid) }
        guard address <= primary.count else {
            throw .outOfBounds(offset: address, count: length, size: primary.count)
        }
        return try primary.slice(at: address, count: min(length, primary.count - address))
    }
}
