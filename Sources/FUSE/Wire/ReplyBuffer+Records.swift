// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// How long the kernel may keep what it was told.
package struct Validity: Sendable {
    /// Seconds; an image never changes, so the usual value is a lifetime.
    package let seconds: UInt64

    package init(seconds: UInt64) { self.seconds = seconds }

    /// For ever, as far as the kernel's arithmetic goes.
    package static let endless = Validity(seconds: 1 << 40)
    /// Ask again each time.
    package static let none = Validity(seconds: 0)
}

/// The records of linux/fuse.h that replies are made of.
extension ReplyBuffer {
    /// `struct fuse_entry_out`: a name that leads to an inode.
    package func append(entry node: UInt64, _ attributes: Attributes, _ validity: Validity) {
        append(node)
        append(UInt64(0))
        append(validity.seconds)
        append(validity.seconds)
        append(UInt64(0))
        attributes.append(to: self)
    }

    /// `struct fuse_entry_out` of a name that does not exist, which the kernel may remember.
    package func append(absentFor validity: Validity) { append(entry: 0, Attributes(), validity) }

    /// `struct fuse_attr_out`.
    package func append(_ attributes: Attributes, _ validity: Validity) {
        append(validity.seconds)
        append(UInt64(0))
        attributes.append(to: self)
    }

    /// `struct fuse_statfs_out`.
    package func append(_ statistics: FileSystemStatistics) {
        append(statistics.blocks)
        append(UInt64(0))
        append(UInt64(0))
        append(statistics.files)
        append(statistics.freeFiles)
        append(statistics.blockSize)
        append(UInt32(255))
        append(statistics.blockSize)
        for _ in 0..<7 { append(UInt32(0)) }
    }

    /// `struct fuse_dirent`, if it and its padding fit into `limit` bytes of payload.
    ///
    /// - Returns: Whether it fitted.
    @inline(__always)
    package func append(
        listed name: UnsafeRawBufferPointer, inodeNumber: UInt64, cookie: UInt64, type: UInt32, limit: Int
    ) -> Bool {
        guard count + ReplyBuffer.direntSize(name) <= limit else { return false }
        appendDirent(name, inodeNumber, cookie, type)
        return true
    }

    /// `struct fuse_direntplus`, if it fits into `limit` bytes: an entry together with its attributes.
    ///
    /// With `node` 0 the kernel takes the name alone.
    @inline(__always)
    package func append(
        listed name: UnsafeRawBufferPointer, node: UInt64, _ attributes: Attributes, cookie: UInt64, type: UInt32,
        validity: Validity, limit: Int
    ) -> Bool {
        guard count + 128 + ReplyBuffer.direntSize(name) <= limit else { return false }
        append(entry: node, attributes, validity)
        appendDirent(name, attributes.inodeNumber, cookie, type)
        return true
    }

    @inline(__always) private static func direntSize(_ name: UnsafeRawBufferPointer) -> Int {
        (24 + name.count + 7) & ~7
    }

    @inline(__always)
    private func appendDirent(_ name: UnsafeRawBufferPointer, _ inode: UInt64, _ cookie: UInt64, _ type: UInt32) {
        append(inode)
        append(cookie)
        append(UInt32(truncatingIfNeeded: name.count))
        append(type)
        append(name)
        align()
    }
}

/// What statfs(2) tells of the whole tree.
package struct FileSystemStatistics: Equatable, Sendable {
    /// Blocks of all devices together.
    package var blocks: UInt64
    /// Bytes of a block.
    package var blockSize: UInt32
    /// f_files.
    package var files: UInt64
    /// f_ffree.
    package var freeFiles: UInt64

    package init(blocks: UInt64, blockSize: UInt32, files: UInt64, freeFiles: UInt64) {
        self.blocks = blocks
        self.blockSize = blockSize
        self.files = files
        self.freeFiles = freeFiles
    }
}
