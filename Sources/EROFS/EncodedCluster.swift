// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// A physical cluster: encoded bytes that stand for a run of file bytes.
package struct EncodedCluster: Hashable, Sendable {
    /// Where the encoded bytes lie.
    package enum Place: Hashable, Sendable {
        /// On a device; `id` 0 is the image file and `offset` counts from the file's start.
        case device(id: Int, offset: UInt64)
        /// In a metadata stream: an inlined tail.
        case metadata(MetadataPlace)
    }

    /// How the bytes are encoded.
    package enum Algorithm: Hashable, Sendable {
        /// Stored: the first bytes of the cluster.
        case shifted
        /// Stored, rotated so that file byte `x` has the position `x % block size` in its block.
        case interlaced
        case lz4
        case lzma
        case deflate
        case zstd
    }

    /// Where the encoded bytes lie.
    package var place: Place
    /// Encoded bytes, padding included.
    package var encodedLength: Int
    /// File bytes of the whole extent.
    package var decodedLength: Int
    /// How the bytes are encoded.
    package var algorithm: Algorithm
    /// Whether the stream may decode to more than the extent.
    package var isPartial: Bool
    /// Whether zeroes before the stream must be skipped.
    package var hasLeadingPadding: Bool
    /// The file offset of the extent's first byte.
    package var start: UInt64

    /// A cluster with all its facts.
    package init(
        place: Place, encodedLength: Int, decodedLength: Int, algorithm: Algorithm, isPartial: Bool,
        hasLeadingPadding: Bool, start: UInt64
    ) {
        self.place = place
        self.encodedLength = encodedLength
        self.decodedLength = decodedLength
        self.algorithm = algorithm
        self.isPartial = isPartial
        self.hasLeadingPadding = hasLeadingPadding
        self.start = start
    }
}
