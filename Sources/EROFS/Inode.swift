// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The facts of one inode, with no reference to the image.
package struct Inode: Sendable {
    /// The inode's number.
    package let nid: NodeID
    /// `i_format` as it stands on disk.
    package let format: UInt16
    /// The type of file.
    package let type: FileType
    /// How the content is stored.
    package let layout: DataLayout
    /// st_mode: type and permission bits.
    package let mode: UInt16
    /// `i_xattr_icount`: 0 without extended attributes.
    package let attributeCount: UInt16
    /// Bytes of content.
    package let size: UInt64
    /// Hard links.
    package let linkCount: UInt32
    /// The owner's user id.
    package let userID: UInt32
    /// The owner's group id.
    package let groupID: UInt32
    /// The time of the last change, in seconds since 1970.
    package let modificationSeconds: Int64
    /// The nanoseconds of the time; from a hostile image maybe more than a second.
    package let modificationNanoseconds: UInt32
    /// `i_u` as it stands on disk: low bits of the start block, blocks, device number or chunk format.
    package let union: UInt32
    /// The high 16 bits of the address or block count in `union`; 0 where the inode has none.
    package let unionHigh: UInt16
    /// `i_ino`: a serial number, of no use to a reader.
    package let serial: UInt32
    /// Where the inode starts.
    package let place: MetadataPlace

    /// Whether the inode has 64 bytes and not 32.
    @inline(__always)
    package var isExtended: Bool { format & 1 != 0 }

    /// Whether the directory has no record for ".".
    @inline(__always)
    package var isDotOmitted: Bool { type == .directory && format & 0x10 != 0 }

    /// The stream that holds the inode and all that is addressed relative to it.
    @inline(__always)
    package var stream: Stream { place.stream }

    /// Bytes of the extended attribute body: 0, or 12 and more.
    @inline(__always)
    package var attributeBodyLength: Int { attributeCount == 0 ? 0 : 12 + 4 * (Int(attributeCount) - 1) }

    /// The position in the stream where the extended attribute body starts.
    @inline(__always)
    package var attributeBodyOffset: UInt64 { place.offset &+ (isExtended ? 64 : 32) }

    /// The position in the stream behind inode and attributes: inline data, chunk entries or the map header follow.
    @inline(__always)
    package var endOffset: UInt64 { attributeBodyOffset &+ UInt64(attributeBodyLength) }

    /// The first block of a flat layout; nil for a file that is one hole.
    @inline(__always)
    package var startBlock: UInt64? {
        let hasHighBits = isExtended || (type != .directory && format & 0x10 != 0)
        let block = UInt64(union) | UInt64(unionHigh) << 32
        let isHole = layout == .flatPlain && block == (hasHighBits ? 0xFFFF_FFFF_FFFF : 0xFFFF_FFFF)
        return isHole ? nil : block
    }

    /// The chunk format of a chunk-based inode.
    @inline(__always)
    package var chunkFormat: UInt16 { UInt16(truncatingIfNeeded: union) }

    /// st_rdev as Linux encodes it; 0 for all but devices.
    @inline(__always)
    package var deviceNumber: UInt32 { type == .characterDevice || type == .blockDevice ? union : 0 }

    /// The major number of a device.
    package var deviceMajor: UInt32 { (deviceNumber >> 8) & 0xFFF }

    /// The minor number of a device.
    package var deviceMinor: UInt32 { (deviceNumber & 0xFF) | ((deviceNumber >> 12) & 0xFFF00) }

    /// st_blocks: units of 512 bytes.
    @inline(__always)
    package func sectorCount(blockBits: Int) -> UInt64 {
        if layout.isCompressed { return (UInt64(union) | UInt64(unionHigh) << 32) << (blockBits - 9) }
        // A size is at most 2^63 - 1, so rounding it up to a block cannot overflow.
        return ((size &+ (1 << blockBits) &- 1) >> blockBits) << (blockBits - 9)
    }
}
