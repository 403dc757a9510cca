// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
package import Primitives

/// A place in an open file.
package struct LocalRun {
    package let descriptor: Descriptor
    /// Bytes from the file's start.
    package let offset: UInt64
}

/// An image or blob that lies whole in a local file; its bytes are read in place, without a cache.
package final class LocalFile: Sendable {
    /// The path as given, for messages.
    package let path: String
    /// Where the device starts in the file, in bytes.
    package let offset: UInt64
    /// The device's size in bytes: the file's without what lies before ``offset``.
    package let size: UInt64
    let descriptor: Descriptor
    private let neverWaits: Bool

    /// Opens `path` for reading.
    package init(path: String, offset: UInt64 = 0) throws(SystemError) {
        self.path = path
        self.offset = offset
        descriptor = try Descriptor.open(path, O_RDONLY)
        var status = stat()
        guard fstat(descriptor.raw, &status) == 0 else { throw SystemError("fstat", on: path) }
        if status.st_mode & S_IFMT == S_IFDIR { throw SystemError("open", on: path, code: EISDIR) }
        // A block device has no size in its inode.
        let end = status.st_mode & S_IFMT == S_IFBLK ? lseek(descriptor.raw, 0, SEEK_END) : status.st_size
        let whole = UInt64(max(0, end))
        size = whole > offset ? whole - offset : 0
        neverWaits = descriptor.isInMemory
        // Files that are read one after the other lie one after the other: the kernel may read twice as far ahead.
        if descriptor.diskReadAhead ?? 0 < LocalFile.farAhead {
            posix_fadvise(descriptor.raw, 0, 0, POSIX_FADV_SEQUENTIAL)
        }
    }

    /// Bytes of a disk's read-ahead from which on twice as many bring little but what nobody wants.
    private static let farAhead = 1 << 20

    /// The bytes from `position` on that the file has no room on disk for: they read as zeroes and cannot be damaged.
    ///
    /// 0 where there is data, and where the file system does not tell.
    func unwrittenBytes(at position: UInt64) -> UInt64 {
        guard position < size, let start = Int(exactly: offset + position) else { return 0 }
        let data = lseek(descriptor.raw, start, clinux_seek_data)
        if data < 0 { return errno == ENXIO ? size - position : 0 }
        return UInt64(max(0, data - start))
    }

    /// Whether the kernel can tell what is in the page cache (cachestat(2), Linux 6.5).
    package static let knowsWhatIsCached = clinux_cached_pages(-1, 0, 0) >= 0 || errno != ENOSYS

    /// The run of whole pages, perhaps but the last, that a part of the device is in its file, when all of it is in the page
    /// cache; nil when not, or when the kernel tells only the file's owner.
    ///
    /// Pages that the disk still has to fill count as cached as well, so some are tried besides: whoever waits for one of the
    /// others waits for a request that is under way, or met a bad sector.
    ///
    /// - Parameter count: Bytes, above 0; the part lies inside the device.
    func cachedRun(_ position: UInt64, _ count: Int) -> LocalRun? {
        let start = offset &+ position
        let page = UInt64(MemoryPages.size)
        guard start % page == 0 else { return nil }
        let pages = (UInt64(count) &+ page &- 1) / page
        guard clinux_cached_pages(descriptor.raw, start, UInt64(count)) == Int64(pages) else { return nil }
        let tried = stride(from: 0, to: count, by: LocalFile.step)
        guard tried.allSatisfy({ isThere(position &+ UInt64($0)) }), isThere(position &+ UInt64(count) &- 1) else {
            return nil
        }
        return LocalRun(descriptor: descriptor, offset: start)
    }

    /// Bytes between two that ``cachedRun(_:_:)`` tries: the kernel reads ahead in such pieces by default.
    private static let step = 128 << 10

    private func isThere(_ position: UInt64) -> Bool {
        var byte: UInt8 = 0
        return withUnsafeMutableBytes(of: &byte) { (try? read(into: $0, at: position, waiting: false)) != nil }
    }

    /// Fills `buffer` from `position`; the caller has checked that it lies inside the device.
    ///
    /// - Parameter waiting: Whether the read may sleep in the disk; else `.wouldBlock` is thrown when it had to.
    func read(into buffer: UnsafeMutableRawBufferPointer, at position: UInt64, waiting: Bool) throws(ReadError) {
        var done = 0
        while done < buffer.count {
            var vector = iovec(iov_base: buffer.baseAddress.map { $0 + done }, iov_len: buffer.count - done)
            let count = clinux_preadv2(
                descriptor.raw, &vector, 1, Int64(bitPattern: offset &+ position) &+ Int64(done),
                waiting || neverWaits ? 0 : clinux_rwf_nowait)
            if count > 0 {
                done += count
            } else if count == 0 {
                throw .imageWasCut
            } else if errno == EAGAIN || (errno == EOPNOTSUPP && !waiting) {
                throw .wouldBlock
            } else if errno != EINTR {
                throw .system(SystemError("read", on: path))
            }
        }
    }
}
