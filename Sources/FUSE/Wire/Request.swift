// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// One request as the kernel sent it, borrowed from the receive buffer (`struct fuse_in_header` and what follows).
///
/// Valid until the buffer is used for the next request. Loads outside the request read as 0.
package struct Request {
    /// Bytes of the header.
    static let headerSize = 40

    private let bytes: UnsafeRawBufferPointer

    /// Takes the bytes of one read from the device; nil when they are no whole request.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Request.headerSize else { return nil }
        let length = bytes.loadUnaligned(as: UInt32.self)
        guard length >= Request.headerSize, Int(length) <= bytes.count else { return nil }
        self.bytes = UnsafeRawBufferPointer(rebasing: bytes[..<Int(length)])
    }

    /// The number that the reply must carry.
    package var unique: UInt64 { load(8) }
    /// The operation as a number; it may be one that we do not know.
    package var rawOpcode: UInt32 { load(4) }
    /// The user who asks; of no meaning in requests that the kernel makes by itself, and ``unknownUser`` in all but those
    /// that make files when mounts may be idmapped.
    package var userID: UInt32 { load(24) }
    /// What ``userID`` is when the kernel does not tell.
    package static let unknownUser = UInt32.max
    /// The thread that asks, as the mount's process namespace numbers it; 0 when it is not in there.
    package var threadID: UInt32 { load(32) }
    /// The inode the request is about, as the kernel knows it.
    package var node: UInt64 { load(16) }

    /// A field of four bytes of the operation's own part, by its offset there.
    package func u32(_ offset: Int) -> UInt32 { load(Request.headerSize + offset) }

    /// A field of eight bytes of the operation's own part, by its offset there.
    package func u64(_ offset: Int) -> UInt64 { load(Request.headerSize + offset) }

    /// The name that starts at `offset` of the operation's own part, without its NUL; empty when there is none.
    package func name(at offset: Int = 0) -> UnsafeRawBufferPointer {
        let start = Request.headerSize + offset
        guard start < bytes.count else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
        return UnsafeRawBufferPointer(rebasing: rest[..<(rest.firstIndex(of: 0) ?? rest.count)])
    }

    @inline(__always) private func load<Value: FixedWidthInteger>(_ offset: Int) -> Value {
        guard bytes.count - offset >= MemoryLayout<Value>.size else { return 0 }
        return bytes.loadUnaligned(fromByteOffset: offset, as: Value.self)
    }
}

extension Request {
    /// The whole request, copied; to be read again with ``init(_:)``.
    package var copy: [UInt8] { Array(bytes) }

    /// The error for a request that a tree which never changes does not serve.
    ///
    /// ENOSYS is remembered by the kernel: it opens, closes and checks access by itself from then on.
    package var refusal: Int32 { Opcode(rawValue: rawOpcode)?.isChange == true ? Glibc.EROFS : ENOSYS }
}
