// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// One chunk of a blob: where its plain bytes lie in the cookie, and what they are made from.
package struct ChunkEntry: Equatable, Sendable {
    /// What a chunk's bytes are decoded from.
    package enum Kind: Equatable, Sendable {
        /// A unit of its own.
        case single
        /// A place in the plain text of a batch.
        case batch(context: Int, offset: Int)
        /// A place in the plain text of a random access context of a gzip file.
        case window(context: Int, offset: Int)
    }

    package let index: Int
    /// The first byte in the cookie; a multiple of 4096.
    package let offset: UInt64
    /// Plain bytes.
    package let size: Int
    package let remoteOffset: UInt64
    /// Bytes in the blob; 0 for members of a batch.
    package let remoteSize: Int
    package let kind: Kind
    package let isCompressed: Bool
    package let isEncrypted: Bool
    /// CRC32C of the plain bytes.
    package let checksum: UInt32?

    /// The first byte behind the plain bytes.
    package var end: UInt64 { offset + UInt64(size) }
    /// The first byte behind the blocks that the chunk occupies.
    package var paddedEnd: UInt64 { (end + 4095) & ~4095 }

    /// The unit that the chunk belongs to: equal for chunks that are decoded together.
    var context: Int? {
        switch kind {
        case .single: nil
        case .batch(let context, _), .window(let context, _): context
        }
    }
}
