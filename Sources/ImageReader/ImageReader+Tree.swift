// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import EROFS

// The tree: inodes, names, attributes. All of it is read in place from the metadata.
extension ImageReader {
    /// The inode with number `nid`.
    package func inode(_ nid: NodeID) throws(ReadError) -> Inode {
        let inode: Inode
        do throws(ImageError) { inode = try image.inode(nid) } catch { throw ReadError(error) }
        try checkIntact()
        return inode
    }

    /// The entry called `name` in a directory, or nil.
    package func lookup(
        _ name: UnsafeRawBufferPointer, in directory: Inode
    ) throws(ReadError) -> DirectoryEntry? {
        let content = try self.directory(directory)
        let entry: DirectoryEntry?
        do throws(ImageError) { entry = try content.lookup(name) } catch { throw ReadError(error) }
        try checkIntact()
        return entry
    }

    /// The entries of a directory.
    ///
    /// Directories that are encoded, or lie outside the primary device, are read whole and kept for a while.
    package func directory(_ inode: Inode) throws(ReadError) -> Directory {
        do throws(ImageError) {
            return try image.directory(inode)
        } catch {
            guard case .needsContent = error else { throw ReadError(error) }
            return try decodedDirectory(inode)
        }
    }

    /// The extended attributes of an inode.
    package func extendedAttributes(of inode: Inode) throws(ReadError) -> ExtendedAttributes {
        do throws(ImageError) { return try image.extendedAttributes(of: inode) } catch { throw ReadError(error) }
    }

    /// Throws when the image file was cut: what was read from its mapping since may be zeroes that nobody wrote.
    ///
    /// To be called after metadata was used and before an answer is made of it.
    package func checkIntact() throws(ReadError) {
        if metadata.wasCut { throw .imageWasCut }
    }

    private func decodedDirectory(_ inode: Inode) throws(ReadError) -> Directory {
        let bytes: ImageBytes
        if let known = directories.content(of: inode.nid) {
            bytes = known
        } else {
            bytes = try wholeContent(of: inode, limit: DecodedDirectories.largest)
            directories.keep(bytes, of: inode.nid)
        }
        return Directory(inode, content: bytes, blockBits: image.superblock.blockBits)
    }

    /// The whole content of a file, in memory of its own.
    private func wholeContent(of inode: Inode, limit: Int) throws(ReadError) -> ImageBytes {
        let content = try OwnedBytes(count: inode.size, limit: limit, nid: inode.nid)
        _ = try read(inode, at: 0, into: content.buffer, on: .worker)
        return content.bytes
    }
}
