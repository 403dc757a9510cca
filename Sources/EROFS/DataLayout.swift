// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// How an inode's content is stored: bits 1 to 3 of `i_format`.
package enum DataLayout: UInt8, Sendable {
    /// Consecutive blocks.
    case flatPlain = 0
    /// Compressed, with 8-byte indexes or extent records.
    case compressedFull = 1
    /// Consecutive blocks, and the rest behind the inode.
    case flatInline = 2
    /// Compressed, with packed indexes.
    case compressedCompact = 3
    /// Chunks, each anywhere.
    case chunkBased = 4

    /// Whether the content is compressed.
    @inline(__always)
    package var isCompressed: Bool { self == .compressedFull || self == .compressedCompact }
}
