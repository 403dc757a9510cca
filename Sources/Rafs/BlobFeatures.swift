// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The feature bits of a blob; the low 16 are incompatible ones.
package struct BlobFeatures: NamedOptions, Hashable, Sendable {
    /// The bits as they lie in the table.
    package let rawValue: UInt32
    /// Takes the bits as they lie in the table.
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Plain offsets of chunks are multiples of 4096.
    package static let aligned = BlobFeatures(rawValue: 0x1)
    /// The blob carries its own bootstrap.
    package static let inlinedMetadata = BlobFeatures(rawValue: 0x2)
    /// Chunk info entries have 24 bytes.
    package static let chunkInfoV2 = BlobFeatures(rawValue: 0x4)
    /// Chunks are parts of a gzip file with random access contexts.
    package static let zran = BlobFeatures(rawValue: 0x8)
    /// Chunk info and data lie in different blobs.
    package static let separate = BlobFeatures(rawValue: 0x10)
    /// The blob has a digest for each chunk.
    package static let inlinedChunkDigest = BlobFeatures(rawValue: 0x20)
    /// The blob is a plain tar.
    package static let tarfs = BlobFeatures(rawValue: 0x40)
    /// Small chunks are compressed together.
    package static let batch = BlobFeatures(rawValue: 0x80)
    /// Chunks and chunk info are encrypted.
    package static let encrypted = BlobFeatures(rawValue: 0x100)
    /// An entry of a generated dictionary, whose counts need not match.
    package static let generatedDictionary = BlobFeatures(rawValue: 0x200)
    /// The blob holds only files chosen for prefetch.
    package static let separatedForPrefetch = BlobFeatures(rawValue: 0x400)
    /// The data lies in a store of somebody else.
    package static let external = BlobFeatures(rawValue: 0x800)
    /// Each section is followed by a tar header.
    package static let hasTarHeader = BlobFeatures(rawValue: 0x1000_0000)
    /// A table of contents lies at the tail.
    package static let hasTableOfContents = BlobFeatures(rawValue: 0x2000_0000)
    /// The builder knew tar headers and tables of contents.
    package static let capability = BlobFeatures(rawValue: 0x4000_0000)

    /// What decides how the chunk info array is read: the blob's own header must agree on these.
    static let layout: BlobFeatures = [.chunkInfoV2, .zran, .batch, .encrypted]
    private static let knownIncompatible: UInt32 = 0xFFF

    package static let named: [(member: BlobFeatures, name: String)] = [
        (.aligned, "ALIGNED"), (.inlinedMetadata, "INLINED_FS_META"), (.chunkInfoV2, "CHUNK_INFO_V2"),
        (.zran, "ZRAN"), (.separate, "SEPARATE"), (.inlinedChunkDigest, "INLINED_CHUNK_DIGEST"),
        (.tarfs, "TARFS"), (.batch, "BATCH"), (.encrypted, "ENCRYPTED"),
        (.generatedDictionary, "IS_CHUNKDICT_GENERATED"),
        (.separatedForPrefetch, "IS_SEPARATED_WITH_PREFETCH_FILES"), (.external, "EXTERNAL"),
        (.hasTarHeader, "HAS_TAR_HEADER"), (.hasTableOfContents, "HAS_TOC"), (.capability, "CAP_TAR_TOC"),
    ]

    /// Refuses unknown incompatible bits and combinations that contradict themselves.
    func check(_ place: RafsError.Place) throws(RafsError) {
        let unknown = rawValue & 0xFFFF & ~Self.knownIncompatible
        guard unknown == 0 else { throw .unsupported(place, field: "features", value: UInt64(unknown)) }
        guard !contains(.external) else { throw .unsupported(place, field: "features (EXTERNAL)", value: 0x800) }
        let consistent =
            contains(.tarfs) != contains(.aligned)
            && (!contains(.zran) || isSuperset(of: [.separate, .chunkInfoV2]))
            && (!contains(.batch) || contains(.chunkInfoV2)) && !isSuperset(of: [.zran, .batch])
        guard consistent else { throw .damaged(place, field: "features", value: UInt64(rawValue)) }
    }
}
