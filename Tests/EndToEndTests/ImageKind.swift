// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Testing

/// A kind of image that mkfs.erofs 1.5 can make: its options, and where its data goes.
struct ImageKind: Sendable, CustomTestStringConvertible {
    let name: String
    var options: [String] = []
    var blob = false
    /// Where in the file the file system begins.
    var offset = 0

    var testDescription: String { name }

    static let uncompressed: [ImageKind] = [
        ImageKind(name: "plain"),
        ImageKind(name: "no-inline-data", options: ["-Enoinline_data"]),
        ImageKind(name: "extended-inodes", options: ["-Eforce-inode-extended"]),
        ImageKind(name: "no-checksum", options: ["-Enosbcrc"]),
        // The only one of which most inodes are compact: the others keep the files' own times.
        ImageKind(name: "fixed-time", options: ["-T1234567890"]),
        ImageKind(name: "no-xattrs", options: ["-x-1"]),
        ImageKind(name: "shared-xattrs", options: ["-x0"]),
        ImageKind(name: "inline-xattrs", options: ["-x65535"]),
        ImageKind(name: "offset", offset: 1 << 20),
        ImageKind(name: "chunks-4k", options: ["--chunksize=4096"]),
        ImageKind(name: "chunks-64k", options: ["--chunksize=65536"]),
        ImageKind(name: "chunks-1m", options: ["--chunksize=1048576"]),
        ImageKind(name: "chunk-indexes", options: ["--chunksize=65536", "-Eforce-chunk-indexes"]),
        ImageKind(name: "blob-4k", options: ["--chunksize=4096"], blob: true),
        ImageKind(name: "blob-64k", options: ["--chunksize=65536"], blob: true),
        ImageKind(name: "blob-1m", options: ["--chunksize=1048576"], blob: true),
    ]

    static let compressed: [ImageKind] = [
        ImageKind(name: "lz4-4k", options: ["-zlz4", "-C4096"]),
        ImageKind(name: "lz4-64k", options: ["-zlz4", "-C65536"]),
        ImageKind(name: "lz4-1m", options: ["-zlz4", "-C1048576"]),
        ImageKind(name: "lz4hc", options: ["-zlz4hc,9", "-C65536"]),
        ImageKind(name: "lz4-legacy", options: ["-zlz4", "-Elegacy-compress"]),
        ImageKind(name: "lz4-short-extents", options: ["-zlz4", "-C16384", "--max-extent-bytes=32768"]),
        ImageKind(name: "lz4-tails", options: ["-zlz4", "-Eztailpacking"]),
        ImageKind(name: "lz4-legacy-tails", options: ["-zlz4", "-Elegacy-compress,ztailpacking"]),
    ]
}
