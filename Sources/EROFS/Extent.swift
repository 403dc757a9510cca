// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// A run of a file's bytes that has one kind of source.
package struct Extent: Equatable, Sendable {
    /// The file offset of the first byte.
    package var start: UInt64
    /// File bytes; never reaches beyond the file's size.
    package var length: UInt64
    /// Where the bytes come from.
    package var source: Source

    /// A run of `length` file bytes at `start`.
    @inline(__always)
    package init(start: UInt64, length: UInt64, source: Source) {
        self.start = start
        self.length = length
        self.source = source
    }

    /// The file offset behind the last byte.
    @inline(__always)
    package var end: UInt64 { start &+ length }

    /// Where the bytes of an extent come from.
    package enum Source: Equatable, Sendable {
        /// Nowhere: they are zeroes.
        case hole
        /// Metadata: the bytes stand there as they are.
        case inline(MetadataPlace)
        /// A device, as they are; `id` 0 is the image file and `offset` counts from the file's start.
        case device(id: Int, offset: UInt64)
        /// An encoded cluster; the extent is what it decodes to.
        case cluster(EncodedCluster)
        /// The content of the packed inode, from `offset`.
        case fragment(offset: UInt64)
    }
}
