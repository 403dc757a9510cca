// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
package import Primitives

// Bytes that are here already, in another file: they come into the cache without being fetched.
extension Cookie {
    /// Takes a range of `source`, which lies there at the same offsets, and forces it to disk.
    ///
    /// Blocks are shared where the file system can do that. The bytes are not checked.
    ///
    /// - Parameter range: Whole granules, or up to the end of the blob.
    /// - Throws: `.inUse` when somebody fetches a part of the range.
    package func take(_ range: Range<UInt64>, from source: Descriptor) throws(CacheError) {
        guard claim(range) else { throw .inUse(path) }
        defer { release(range) }
        var offset = range.lowerBound
        while offset < range.upperBound {
            let wanted = Int(clamping: min(range.upperBound - offset, 256 << 20))
            let count = clinux_copy_file_range(source.raw, Int64(offset), file.raw, Int64(offset), wanted)
            if count > 0 {
                offset += UInt64(count)
            } else if count < 0, errno != EINTR {
                guard [EXDEV, EINVAL, ENOSYS, EOPNOTSUPP].contains(errno) else {
                    throw .system(call: "copy_file_range", path: path, code: errno)
                }
                offset += try copyPiece(at: offset, atMost: wanted, from: source)
            } else if count == 0 {
                throw .system(call: "read", path: path, code: EIO)
            }
        }
        try publish(range)
        flush()
    }

    private func copyPiece(at offset: UInt64, atMost wanted: Int, from source: Descriptor) throws(CacheError) -> UInt64
    {
        var piece = [UInt8](repeating: 0, count: min(wanted, 1 << 20))
        let count = Glibc.pread(source.raw, &piece, piece.count, Int(offset))
        if count < 0, errno == EINTR { return 0 }
        guard count > 0 else { throw .system(call: "read", path: path, code: count == 0 ? EIO : errno) }
        do {
            try piece[..<count].withUnsafeBytes { try write($0, at: offset) }
        } catch let error as CacheError {
            throw error
        } catch {
            throw .system(call: "pwrite", path: path, code: EIO)
        }
        return UInt64(count)
    }
}
