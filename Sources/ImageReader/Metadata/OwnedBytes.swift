// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS

/// Bytes of a decoded metadata stream, in memory that lives as long as somebody reads it.
package final class OwnedBytes: @unchecked Sendable {
    // Safe to share: filled by its maker before anybody else sees it.
    let buffer: UnsafeMutableRawBufferPointer

    /// Takes memory for `count` bytes, all zero; an image cannot make it take more than `limit`.
    init(count: UInt64, limit: Int, nid: NodeID) throws(ReadError) {
        guard count <= UInt64(limit) else {
            throw .image(.unsupported(.inode(nid), field: "i_size of a metadata stream", value: count))
        }
        buffer = .allocate(byteCount: Int(count), alignment: 16)
        buffer.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit { buffer.deallocate() }

    /// The bytes as the EROFS storey takes them.
    var bytes: ImageBytes {
        guard let base = buffer.baseAddress else { return .copying([]) }
        return ImageBytes(owner: self, base: UnsafeRawPointer(base), count: UInt64(buffer.count))
    }
}
