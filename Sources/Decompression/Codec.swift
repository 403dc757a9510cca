// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The encodings that can be decoded.
package enum Codec: String, Hashable, Sendable, CaseIterable {
    /// One LZ4 block, without a frame.
    case lz4 = "LZ4"
    /// LZMA1 with a one-byte header, as `lzma_microlzma_encoder` makes it.
    case microLZMA = "MicroLZMA"
    /// DEFLATE without a header.
    case deflate = "DEFLATE"
    /// DEFLATE in the format of zlib (RFC 1950).
    case zlib
    /// One Zstandard frame.
    case zstd = "Zstandard"
}
