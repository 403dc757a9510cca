// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The flags of the extended superblock.
package struct RafsFlags: NamedOptions, Hashable, Sendable {
    /// The bits as they lie in the superblock.
    package let rawValue: UInt64
    /// Takes the bits as they lie in the superblock.
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Chunks are stored as they are.
    package static let compressionNone = RafsFlags(rawValue: 0x1)
    /// Chunks are LZ4 blocks.
    package static let compressionLZ4 = RafsFlags(rawValue: 0x2)
    /// Digests are BLAKE3.
    package static let hashBLAKE3 = RafsFlags(rawValue: 0x4)
    /// Digests are SHA-256.
    package static let hashSHA256 = RafsFlags(rawValue: 0x8)
    /// Inodes have their own owners.
    package static let explicitOwners = RafsFlags(rawValue: 0x10)
    /// Some inode has extended attributes.
    package static let hasExtendedAttributes = RafsFlags(rawValue: 0x20)
    /// Chunks are gzip members.
    package static let compressionGzip = RafsFlags(rawValue: 0x40)
    /// Chunks are Zstandard frames.
    package static let compressionZstd = RafsFlags(rawValue: 0x80)
    /// Every blob has a digest array.
    package static let inlinedChunkDigest = RafsFlags(rawValue: 0x100)
    /// Blocks have 512 bytes and the devices are tars.
    package static let tarfs = RafsFlags(rawValue: 0x200)
    /// Nothing is encrypted.
    package static let encryptionNone = RafsFlags(rawValue: 0x100_0000)
    /// Some blob is encrypted with AES-128-XTS.
    package static let encryptionAES128XTS = RafsFlags(rawValue: 0x200_0000)

    private static let compressions: RafsFlags = [
        .compressionNone, .compressionLZ4, .compressionGzip, .compressionZstd,
    ]
    private static let hashes: RafsFlags = [.hashBLAKE3, .hashSHA256]
    /// Every bit with a meaning, and the six that are reserved for compatible additions.
    private static let known: UInt64 = 0x3FF | 0x300_0000 | 0xFC00_0000

    package static let named: [(member: RafsFlags, name: String)] = [
        (.compressionNone, "COMPRESSION_NONE"), (.compressionLZ4, "COMPRESSION_LZ4"), (.hashBLAKE3, "HASH_BLAKE3"),
        (.hashSHA256, "HASH_SHA256"), (.explicitOwners, "EXPLICIT_UID_GID"), (.hasExtendedAttributes, "HAS_XATTR"),
        (.compressionGzip, "COMPRESSION_GZIP"), (.compressionZstd, "COMPRESSION_ZSTD"),
        (.inlinedChunkDigest, "INLINED_CHUNK_DIGEST"), (.tarfs, "TARFS_MODE"),
        (.encryptionNone, "ENCRYPTION_NONE"), (.encryptionAES128XTS, "ENCRYPTION_AES_128_XTS"),
    ]

    /// Refuses unknown bits and anything but one codec and one hash.
    func check() throws(RafsError) {
        guard rawValue & ~Self.known == 0 else {
            throw .unsupported(.superblock, field: "flags", value: rawValue & ~Self.known)
        }
        guard intersection(Self.compressions).rawValue.nonzeroBitCount == 1 else {
            throw .damaged(.superblock, field: "compression flags", value: rawValue)
        }
        guard intersection(Self.hashes).rawValue.nonzeroBitCount == 1 else {
            throw .damaged(.superblock, field: "hash flags", value: rawValue)
        }
    }
}
