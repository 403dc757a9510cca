// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// A blob's chunk info as it lies in the blob, decrypted and decoded.
struct ChunkInfoSection: Sendable {
    let plain: [UInt8]
    let header: ChunkInfoHeader

    /// Decodes the array and the header behind it, and holds both against the table of contents.
    init(_ bytes: [UInt8], for blob: BlobEntry, _ contents: TableOfContents?) throws(RafsError) {
        guard bytes.count == blob.chunkInfoCompressedSize + ChunkInfoHeader.byteCount else {
            throw .truncated(.chunkInfoHeader, offset: 0, count: UInt64(bytes.count))
        }
        var stored = Array(bytes[..<blob.chunkInfoCompressedSize])
        var head = Array(bytes[blob.chunkInfoCompressedSize...])
        if let cipher = blob.cipher {
            head = try cipher.decrypt(head, .chunkInfoHeader)
            if !stored.isEmpty { stored = try cipher.decrypt(stored, .chunkInfo(0)) }
        }
        try contents?.section("blob.meta.header")?.check(head, .chunkInfoHeader)
        header = try ChunkInfoHeader(head, for: blob)
        plain = try ChunkDecoder().decode(blob.chunkInfoCodec, stored, size: blob.chunkInfoSize, .chunkInfo(0))
        try contents?.section("blob.meta")?.check(plain, .chunkInfo(0))
    }
}
