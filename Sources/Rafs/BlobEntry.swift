// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// One blob of an image, as the blob table has it (256 bytes).
///
/// | offset | size | field |
/// | --- | --- | --- |
/// | 0 | 64 | blob id |
/// | 64 | 4 * 6 | index, chunk size, chunk count, codec, digest, features |
/// | 88 | 8 + 8 | compressed and uncompressed size |
/// | 104 | 4 + 4 | size of the table of contents, codec of the chunk info |
/// | 112 | 8 * 3 | chunk info: offset, compressed and uncompressed size |
/// | 136 | 32 + 32 + 8 | digest of the table of contents; digest and size of the meta blob, or key and IV |
/// | 208 | 8 + 4 | rest of the IV, cipher |
package struct BlobEntry: Sendable {
    /// Bytes of an entry.
    static let byteCount = 256
    /// How large the plain chunk info with its contexts may be.
    private static let maximumChunkInfo: UInt64 = 512 << 20

    /// The blob's id: 64 hexadecimal digits, or ``placeholder``.
    package let id: String
    /// The position in the table; device id - 1.
    package let index: Int
    /// The nominal chunk size in bytes.
    package let chunkSize: UInt32
    /// How many chunks the blob has.
    package let chunkCount: Int
    /// What compressed chunks are compressed with.
    package let codec: ChunkCodec
    /// What chunk digests are made with.
    package let digestAlgorithm: Digest.Algorithm
    /// How the blob is laid out.
    package let features: BlobFeatures
    /// The size of the blob file, or of what it held when its own bootstrap was written; files may be longer.
    package let compressedSize: UInt64
    /// The size of the blob's cookie.
    package let uncompressedSize: UInt64
    /// The name of the blob that holds the chunk info, if that is another one.
    package let metaBlob: String?
    /// What the chunk info is compressed with.
    let chunkInfoCodec: ChunkCodec
    /// Where the chunk info lies in its blob.
    let chunkInfoOffset: UInt64
    /// Bytes of the chunk info in the blob, without the header behind it.
    let chunkInfoCompressedSize: Int
    /// Plain bytes of the chunk info.
    let chunkInfoSize: Int
    /// Bytes of the table of contents with its tar header; 0 when unknown.
    let tableOfContentsSize: Int
    /// SHA-256 of the table of contents; nil when the image does not say.
    let tableOfContentsDigest: Digest?
    /// How chunks and chunk info are encrypted.
    let cipher: ChunkCipher?

    /// The id that stands for "the file that this bootstrap lies in".
    package static let placeholder = String(repeating: "x", count: 64)

    /// Reads the entry at `index` of the table in `bytes`.
    init(_ bytes: [UInt8], index: Int) throws(RafsError) {
        let place = RafsError.Place.blobTable(index)
        guard let record = Fields(bytes, at: index * Self.byteCount, count: Self.byteCount) else {
            throw .truncated(place, offset: UInt64(index * Self.byteCount), count: UInt64(Self.byteCount))
        }
        self.index = index
        id = try Self.name(record.bytes(0..<64))
        chunkSize = record.u32(68)
        chunkCount = Int(record.u32(72))
        codec = try ChunkCodec(record.u32(76), place, field: "compression_algo")
        digestAlgorithm = try Self.digest(record.u32(80), place)
        features = BlobFeatures(rawValue: record.u32(84))
        compressedSize = record.u64(88)
        uncompressedSize = record.u64(96)
        tableOfContentsSize = Int(record.u32(104))
        chunkInfoCodec = try ChunkCodec(record.u32(108), place, field: "ci_compressor")
        chunkInfoOffset = record.u64(112)
        guard max(record.u64(120), record.u64(128)) <= Self.maximumChunkInfo else {
            throw .damaged(place, field: "ci_uncompressed_size", value: max(record.u64(120), record.u64(128)))
        }
        chunkInfoCompressedSize = Int(record.u64(120))
        chunkInfoSize = Int(record.u64(128))
        let contents = record.bytes(136..<168)
        tableOfContentsDigest = contents.contains { $0 != 0 } ? Digest(.sha256, bytes: contents) : nil
        let key = record.bytes(168..<200)
        cipher = try Self.cipher(record.u32(216), key, record.bytes(200..<216), place)
        metaBlob = features.contains(.separate) ? Digest(.sha256, bytes: key)?.hex : nil
        try check(record, place)
    }

    /// Whether the blob has chunk info at all; tarfs devices have none, they are read as they are.
    package var isPlainDevice: Bool { features.contains(.tarfs) }

    /// How many bytes of the blob are chunk data.
    var dataSize: UInt64 {
        guard !features.contains(.separate), features.contains(.capability), chunkInfoCompressedSize > 0 else {
            return compressedSize
        }
        let header: UInt64 = features.contains(.hasTarHeader) ? 512 : 0
        return chunkInfoOffset >= header ? chunkInfoOffset - header : 0
    }

    private func check(_ record: Fields, _ place: RafsError.Place) throws(RafsError) {
        try features.check(place)
        guard record.u32(64) == index else { throw .damaged(place, field: "blob_index", value: UInt64(record.u32(64))) }
        guard chunkCount <= 1 << 24 else { throw .damaged(place, field: "chunk_count", value: UInt64(chunkCount)) }
        guard compressedSize <= 1 << 40 else { throw .damaged(place, field: "compressed_size", value: compressedSize) }
        guard uncompressedSize <= 1 << 44, uncompressedSize % (isPlainDevice ? 512 : 4096) == 0 else {
            throw .damaged(place, field: "uncompressed_size", value: uncompressedSize)
        }
        guard chunkInfoOffset <= 1 << 41 else { throw .damaged(place, field: "ci_offset", value: chunkInfoOffset) }
        guard tableOfContentsSize <= 4096 else {
            throw .damaged(place, field: "blob_toc_size", value: UInt64(tableOfContentsSize))
        }
        guard (cipher != nil) == features.contains(.encrypted), cipher == nil || metaBlob == nil else {
            throw .damaged(place, field: "cipher_algo", value: UInt64(record.u32(216)))
        }
    }

    /// A field without the NULs at its end.
    static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        Array(bytes.prefix { $0 != 0 })
    }

    /// Ids become names of files and parts of URLs, so that nothing but plain characters is let through.
    private static func name(_ field: [UInt8]) throws(RafsError) -> String {
        let bytes = trimmed(field)
        let isPlain = bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard isPlain, let first = bytes.first, first != UInt8(ascii: ".") else { throw .badBlobID(bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func digest(_ value: UInt32, _ place: RafsError.Place) throws(RafsError) -> Digest.Algorithm {
        switch value {
        case 0: return .blake3
        case 1: return .sha256
        default: throw .unsupported(place, field: "digest_algo", value: UInt64(value))
        }
    }

    private static func cipher(
        _ value: UInt32, _ key: [UInt8], _ vector: [UInt8], _ place: RafsError.Place
    ) throws(RafsError) -> ChunkCipher? {
        switch value {
        case 0: return nil
        case 1: return ChunkCipher(key: key, vector: vector)
        default: throw .unsupported(place, field: "cipher_algo", value: UInt64(value))
        }
    }
}
