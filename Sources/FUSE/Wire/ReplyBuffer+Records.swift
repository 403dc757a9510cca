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
    /// Bytes of `struct fuse_entry_out`.
    private static let entrySize = 128

    /// `struct fuse_entry_out`: a name that leads to an inode.
    package func append(entry node: UInt64, _ attributes: Attributes, _ validity: Validity) {
        guard let record = appendRecord(ReplyBuffer.entrySize) else { return }
        ReplyBuffer.store(entry: node, attributes, validity, to: record)
    }

    /// `struct fuse_entry_out` of a name that does not exist, which the kernel may remember.
    package func append(absentFor validity: Validity) { append(entry: 0, Attributes(), validity) }

    /// `struct fuse_attr_out`.
    package func append(_ attributes: Attributes, _ validity: Validity) {
        guard let record = appendRecord(104) else { return }
        record.store(validity.seconds, at: 0)
        record.store(UInt64(0), at: 8)
        attributes.store(to: record.part(at: 16))
    }

    @inline(__always)
    private static func store(
        entry node: UInt64, _ attributes: Attributes, _ validity: Validity, to record: WireRecord
    ) {
        record.store(node, at: 0)
        record.store(UInt64(0), at: 8)
        record.store(validity.seconds, at: 16)
        record.store(validity.seconds, at: 24)
        record.store(UInt64(0), at: 32)
        attributes.store(to: record.part(at: 40))
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
        let size = ReplyBuffer.direntSize(name)
        guard count + size <= limit, let record = appendRecord(size) else { return false }
        ReplyBuffer.store(dirent: name, inodeNumber, cookie, type, size: size, to: record)
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
        let size = ReplyBuffer.direntSize(name)
        guard count + ReplyBuffer.entrySize + size <= limit, let record = appendRecord(ReplyBuffer.entrySize + size)
        else {
            return false
        }
        ReplyBuffer.store(entry: node, attributes, validity, to: record)
        let dirent = record.part(at: ReplyBuffer.entrySize)
        ReplyBuffer.store(dirent: name, attributes.inodeNumber, cookie, type, size: size, to: dirent)
        return true
    }

    @inline(__always) private static func direntSize(_ name: UnsafeRawBufferPointer) -> Int {
        (24 + name.count + 7) & ~7
    }

    @inline(__always)
    private static func store(
        dirent name: UnsafeRawBufferPointer, _ inode: UInt64, _ cookie: UInt64, _ type: UInt32, size: Int,
        to record: WireRecord
    ) {
        record.store(inode, at: 0)
        record.store(cookie, at: 8)
        record.store(UInt32(truncatingIfNeeded: name.count), at: 16)
        record.store(type, at: 20)
        record.store(name, at: 24, paddedTo: size)
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
