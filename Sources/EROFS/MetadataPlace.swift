// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The streams of bytes that hold metadata.
package enum Stream: Hashable, Sendable {
    /// The image itself, from the start of the file system.
    case primary
    /// The decoded content of the metabox inode.
    case metabox
    /// The decoded content of the packed inode; only the table of long attribute prefixes may lie there.
    case packed
}

/// A byte position in one of the metadata streams.
package struct MetadataPlace: Hashable, Sendable {
    /// The stream the position counts in.
    package var stream: Stream
    /// Bytes from the start of the stream.
    package var offset: UInt64

    /// The byte `offset` of `stream`.
    package init(stream: Stream, offset: UInt64) {
        self.stream = stream
        self.offset = offset
    }
}
