// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The feature bits of a blob; the low 16 are incompatible ones.
package struct BlobFeatures: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let aligned = BlobFeatures(rawValue: 0x1)
    package static let inlinedMetadata = BlobFeatures(rawValue: 0x2)
    package static let chunkInfoV2 = BlobFeatures(rawValue: 0x4)
    package static let zran = BlobFeatures(rawValue: 0x8)
    package static let separate = BlobFeatures(rawValue: 0x10)
    package static let inlinedChunkDigest = BlobFeatures(rawValue: 0x20)
    package static let tarfs = BlobFeatures(rawValue: 0x40)
    package static let batch = BlobFeatures(rawValue: 0x80)
    package static let encrypted = BlobFeatures(rawValue: 0x100)
    package static let generatedDictionary = BlobFeatures(rawValue: 0x200)
    package static let separatedForPrefetch = BlobFeatures(rawValue: 0x400)
    package static let external = BlobFeatures(rawValue: 0x800)
    package static let hasTarHeader = BlobFeatures(rawValue: 0x1000_0000)
    package static let hasTableOfContents = BlobFeatures(rawValue: 0x2000_0000)
    package static let capability = BlobFeatures(rawValue: 0x4000_0000)

    /// What decides how the chunk info array is read: the blob's own header must agree on these.
    static let layout: BlobFeatures = [.chunkInfoV2, .zran, .batch, .encrypted]
    private static let knownIncompatible: UInt32 = 0xFFF

    /// The names of the set bits, in the order of the bits.
    package var names: [String] {
        let all: [(BlobFeatures, String)] = [
            (.aligned, "ALIGNED"), (.inlinedMetadata, "INLINED_FS_META"), (.chunkInfoV2, "CHUNK_INFO_V2"),
            (.zran, "ZRAN"), (.separate, "SEPARATE"), (.inlinedChunkDigest, "INLINED_CHUNK_DIGEST"),
            (.tarfs, "TARFS"), (.batch, "BATCH"), (.encrypted, "ENCRYPTED"),
            (.generatedDictionary, "IS_CHUNKDICT_GENERATED"),
            (.separatedForPrefetch, "IS_SEPARATED_WITH_PREFETCH_FILES"), (.external, "EXTERNAL"),
            (.hasTarHeader, "HAS_TAR_HEADER"), (.hasTableOfContents, "HAS_TOC"), (.capability, "CAP_TAR_TOC"),
        ]
        return all.filter { contains($0.0) }.map(\.1)
    }

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
