// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import Rafs

/// The facts of a RAFS image's own superblock and tables.
struct RafsReport: Encodable {
    /// One entry of the blob table; its device is ``index`` + 1.
    struct Blob: Encodable {
        var index: Int
        var id: String
        var chunks: Int
        var codec: String
        var digest: String
        var features: [String]
        /// Bytes of the blob, and of its cookie.
        var compressedSize: UInt64
        var uncompressedSize: UInt64
        /// The blob that has the chunk info, when that is another one.
        var metaBlob: String?
    }

    var flags: [String]
    var chunkSize: UInt32
    var chunkTableEntries: Int
    /// The nids of files and directories to fetch ahead.
    var prefetch: [UInt32]
    var blobs: [Blob]

    init(_ bootstrap: RafsBootstrap) {
        flags = bootstrap.superblock.flags.names
        chunkSize = bootstrap.superblock.chunkSize
        chunkTableEntries = bootstrap.chunkTableCount
        prefetch = bootstrap.prefetch
        blobs = bootstrap.blobs.map { blob in
            Blob(
                index: blob.index, id: blob.id, chunks: blob.chunkCount, codec: blob.codec.name,
                digest: blob.digestAlgorithm.rawValue, features: blob.features.names,
                compressedSize: blob.compressedSize, uncompressedSize: blob.uncompressedSize, metaBlob: blob.metaBlob)
        }
    }

    /// The lines for people.
    var lines: String {
        let nids = prefetch.prefix(100).map(String.init).joined(separator: " ")
        var lines = """
            rafs             \(flags.joined(separator: " "))
            chunks           of \(chunkSize) bytes, \(chunkTableEntries) in the image's table
            prefetch table   \(prefetch.isEmpty ? "empty" : "nids \(nids)\(prefetch.count > 100 ? " ..." : "")")

            """
        for blob in blobs {
            lines += """
                blob \(blob.index)           \(blob.id), device \(blob.index + 1)
                  chunks         \(blob.chunks), \(blob.codec), \(blob.digest)
                  size           \(blob.compressedSize), uncompressed \(blob.uncompressedSize)
                  features       \(blob.features.joined(separator: " "))

                """
            if let metaBlob = blob.metaBlob { lines += "  chunk info     in \(metaBlob)\n" }
        }
        return lines
    }
}
