// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

extension Descriptor {
    /// Reads the file from its start, in pieces that are valid during the call of `body` only.
    ///
    /// - Parameters:
    ///   - piece: Bytes of a piece; only the last one has fewer.
    ///   - size: Bytes to read; nil for all there are.
    ///   - path: What to call the file in an error.
    ///   - body: Takes a piece, and says whether to go on.
    /// - Returns: Whether `body` has had all.
    /// - Throws: EIO when the file has fewer bytes than `size`.
    @discardableResult
    package func forEachPiece(
        of piece: Int = 1 << 20, upTo size: UInt64? = nil, path: String, _ body: (UnsafeRawBufferPointer) -> Bool
    ) throws(SystemError) -> Bool {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: piece, alignment: 4096)
        defer { buffer.deallocate() }
        var offset: UInt64 = 0
        while offset < size ?? .max {
            let wanted = Int(clamping: min(UInt64(piece), (size ?? .max) - offset))
            let count = try fill(UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]), from: offset, path)
            guard count == wanted || size == nil else { throw SystemError("read", on: path, code: EIO) }
            guard count > 0 else { return true }
            guard body(UnsafeRawBufferPointer(rebasing: buffer[..<count])) else { return false }
            offset += UInt64(count)
        }
        return true
    }

    /// Reads from `offset` on until the buffer is full, or the file ends.
    ///
    /// - Parameter path: What to call the file in an error.
    /// - Returns: Bytes read.
    package func fill(
        _ buffer: UnsafeMutableRawBufferPointer, from offset: UInt64, _ path: String
    ) throws(SystemError) -> Int {
        var done = 0
        while done < buffer.count {
            let count = pread(
                raw, buffer.baseAddress.map { $0 + done }, buffer.count - done, Int(clamping: offset) + done)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemError("read", on: path) }
            guard count > 0 else { break }
            done += count
        }
        return done
    }
}
