// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The superblock: the 128 and more bytes at byte 1024 of the file system.
package struct Superblock: Sendable {
    /// The position of the superblock in the file system.
    static let offset: UInt64 = 1024
    /// Bytes without extension slots.
    static let minimumLength = 128
    private static let magic: UInt32 = 0xE0F5_E1E2

    /// The stored CRC32C; meaningful only with ``CompatibleFeatures/checksum``.
    package let checksum: UInt32
    /// `feature_compat`.
    package let compatible: CompatibleFeatures
    /// `feature_incompat`.
    package let incompatible: IncompatibleFeatures
    /// log2 of the block size: 9 to 16.
    package let blockBits: Int
    /// Bytes of the superblock with its extension slots.
    package let length: Int
    /// The root directory.
    package let root: NodeID
    /// The number of inodes, for statfs(2) only.
    package let inodeCount: UInt64
    /// The base of compact inode times, in seconds since 1970.
    package let epoch: Int64
    /// The nanoseconds of every compact inode.
    package let fixedNanoseconds: UInt32
    /// Blocks of the primary device.
    package let blockCount: UInt64
    /// The block where nid 0 lies.
    package let metadataBlock: UInt32
    /// The block from which shared attribute ids count.
    package let sharedAttributeBlock: UInt32
    /// The volume's UUID: the two halves in memory order.
    package let uuid: UUIDBytes
    /// The volume name without padding: up to 16 arbitrary bytes.
    package let volumeName: [UInt8]
    /// `u1`: the bitmap of algorithms or the LZ4 distance.
    let algorithmsOrDistance: UInt16
    /// Device slots announced; 0 without a device table.
    package let extraDeviceCount: Int
    /// The byte position of the device slots.
    let deviceTableOffset: UInt64
    /// Long attribute prefixes announced.
    let longPrefixCount: Int
    /// The byte position of their table in whatever holds it.
    let longPrefixOffset: UInt64
    /// The packed inode; nil if there is none.
    package let packedInode: NodeID?
    /// The inode whose content is the metabox stream; nil if there is none.
    package let metaboxInode: NodeID?
    /// Whether inodes' filters of attribute names can be trusted.
    package let hasAttributeFilter: Bool
    /// The long prefix whose attributes are content digests; nil if there is none.
    package let contentDigestPrefix: UInt8?
    /// Seconds from ``epoch`` to the time the image was made.
    package let buildTime: UInt32

    /// The 16 bytes of a UUID.
    package typealias UUIDBytes = (UInt64, UInt64)

    /// Bytes in a block.
    @inline(__always)
    package var blockSize: Int { 1 << blockBits }

    /// Reads and checks the superblock of the file system that starts at the first of `image`'s bytes.
    ///
    /// The checks and their order are those of Linux, but for block sizes above a page, which Linux cannot mount.
    init(of image: ImageBytes) throws(ImageError) {
        guard image.count >= Self.offset + UInt64(Self.minimumLength) else { throw .truncated(size: image.count) }
        let record = try image.record(at: Self.offset, count: Self.minimumLength)
        guard record.u32(0) == Self.magic else { throw .notEROFS(magic: record.u32(0)) }
        blockBits = Int(try Self.checked(record.u8(0x0C), "blkszbits") { 9...16 ~= $0 })
        _ = try Self.checked(record.u8(0x5A), "dirblkbits") { $0 == 0 }
        checksum = record.u32(4)
        compatible = CompatibleFeatures(rawValue: record.u32(8))
        if compatible.contains(.checksum) { try Self.verify(checksum, of: image, blockSize: 1 << blockBits) }
        incompatible = IncompatibleFeatures(rawValue: record.u32(0x50))
        let unknown = incompatible.subtracting(.known)
        guard unknown.isEmpty else { throw .unknownFeatures(unknown.rawValue) }
        length = Self.minimumLength + 16 * Int(try Self.checked(record.u8(0x0D), "sb_extslots") { $0 <= 184 })

        let isWide = incompatible.contains(.wideAddresses) && record.u64(0x70) != 0
        root = NodeID(rawValue: isWide ? record.u64(0x70) : UInt64(record.u16(0x0E)))
        blockCount = UInt64(record.u32(0x24)) | (isWide ? UInt64(record.u16(0x0E)) << 32 : 0)
        inodeCount = record.u64(0x10)
        epoch = Int64(bitPattern: record.u64(0x18))
        fixedNanoseconds = record.u32(0x20)
        metadataBlock = record.u32(0x28)
        sharedAttributeBlock = record.u32(0x2C)
        uuid = (record.u64(0x30), record.u64(0x38))
        volumeName = [UInt8](record.bytes(at: 0x40, count: 16).prefix { $0 != 0 })
        algorithmsOrDistance = record.u16(0x54)
        extraDeviceCount = incompatible.contains(.deviceTable) ? Int(record.u16(0x56)) : 0
        deviceTableOffset = UInt64(record.u16(0x58)) * 128
        longPrefixCount = incompatible.contains(.longPrefixes) ? Int(record.u8(0x5B)) : 0
        longPrefixOffset = UInt64(record.u32(0x5C)) * 4
        packedInode = record.u64(0x60) == 0 ? nil : NodeID(rawValue: record.u64(0x60))
        hasAttributeFilter = compatible.contains(.attributeFilter) && record.u8(0x68) == 0
        contentDigestPrefix = compatible.contains(.sharedContentDigests) ? record.u8(0x69) : nil
        buildTime = record.u32(0x6C)
        metaboxInode = incompatible.contains(.metabox) ? try Self.metabox(in: image, length: length) : nil
    }

    private static func checked(
        _ value: UInt8, _ field: String, _ isValid: (UInt8) -> Bool
    ) throws(ImageError) -> UInt8 {
        guard isValid(value) else { throw .invalid(.superblock, field: field, value: UInt64(value)) }
        return value
    }

    /// Compares the checksum: it covers the superblock's block from byte 1024, or one block where that is too small.
    private static func verify(_ stored: UInt32, of image: ImageBytes, blockSize: Int) throws(ImageError) {
        let covered = blockSize > 1024 ? blockSize - 1024 : blockSize
        let bytes = try image.bytes(at: offset, count: covered)
        var crc = CRC32C()
        crc.update(UnsafeRawBufferPointer(rebasing: bytes[..<4]))
        withUnsafeBytes(of: UInt32(0)) { crc.update($0) }
        crc.update(UnsafeRawBufferPointer(rebasing: bytes[8...]))
        guard crc.value == stored else { throw .badChecksum(stored: stored, computed: crc.value) }
    }

    private static func metabox(in image: ImageBytes, length: Int) throws(ImageError) -> NodeID {
        guard length > minimumLength else {
            throw .damaged(.superblock, field: "sb_extslots", value: 0)
        }
        let nid = NodeID(rawValue: try image.record(at: offset + 128, count: 8).u64(0))
        guard !nid.isInMetabox else { throw .damaged(.superblock, field: "metabox_nid", value: nid.rawValue) }
        return nid
    }
}
