// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The plain chunk info array of a blob, decoded entry by entry where it lies.
///
/// Entries have 16 bytes (version 1) or 24 (version 2). Both pack sizes and offsets: 40 bits of compressed offset, 44 bits
/// of uncompressed offset in steps of 4 KiB, 24 bits of size.
struct ChunkInfoArray: Sendable {
    let count: Int
    private let bytes: [UInt8]
    private let isVersion2: Bool

    static func byteCount(_ features: BlobFeatures) -> Int { features.contains(.chunkInfoV2) ? 24 : 16 }

    /// The array at the start of `bytes`, which are checked to hold it.
    init(_ bytes: [UInt8], count: Int, features: BlobFeatures) throws(RafsError) {
        guard count <= bytes.count / Self.byteCount(features) else {
            throw .truncated(.chunkInfo(0), offset: 0, count: UInt64(count))
        }
        self.bytes = bytes
        self.count = count
        isVersion2 = features.contains(.chunkInfoV2)
    }

    /// The entry at `index`, which is below ``count``.
    subscript(index: Int) -> ChunkEntry {
        isVersion2 ? version2(index) : version1(index)
    }

    /// The offset of the entry at `index`, which is below ``count``.
    func offset(at index: Int) -> UInt64 {
        isVersion2 ? (word(24 * index) & 0xFFFF_FFFF) << 12 : word(16 * index) & 0xFFF_FFFF_F000
    }

    private func version1(_ index: Int) -> ChunkEntry {
        let plain = word(16 * index)
        let remote = word(16 * index + 8)
        let size = Int(plain >> 44 | (plain >> 8 & 15) << 20) + 1
        let remoteSize = Int(remote >> 44 | (remote >> 40 & 15) << 20) + 1
        return ChunkEntry(
            index: index, offset: plain & 0xFFF_FFFF_F000, size: size, remoteOffset: remote & 0xFF_FFFF_FFFF,
            remoteSize: remoteSize, kind: .single, isCompressed: remoteSize != size, isEncrypted: false, checksum: nil)
    }

    private func version2(_ index: Int) -> ChunkEntry {
        let plain = word(24 * index)
        let remote = word(24 * index + 8)
        let data = word(24 * index + 16)
        let flags = plain >> 56
        let context = Int(data >> 32)
        let place = Int(data & 0xFFFF_FFFF)
        let kind: ChunkEntry.Kind =
            switch flags & 6 {
            case 2: .window(context: context, offset: place)
            case 4: .batch(context: context, offset: place)
            default: .single
            }
        return ChunkEntry(
            index: index, offset: (plain & 0xFFFF_FFFF) << 12, size: Int(plain >> 32 & 0xFF_FFFF) + 1,
            remoteOffset: remote & 0xFF_FFFF_FFFF, remoteSize: Int(remote >> 40), kind: kind,
            isCompressed: flags & 1 != 0, isEncrypted: flags & 8 != 0,
            checksum: flags & 0x10 != 0 ? UInt32(truncatingIfNeeded: data) : nil)
    }

    private func word(_ offset: Int) -> UInt64 {
        bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
    }

    /// Version 2's flag bits of an entry; 0 in version 1.
    func flags(at index: Int) -> UInt8 {
        isVersion2 ? UInt8(word(24 * index) >> 56) : 0
    }
}
