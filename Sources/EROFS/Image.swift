// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// An EROFS file system in memory: finds inodes, names, attributes and the places of files' bytes.
///
/// Immutable but for the streams that are attached once, and free of locks; every method may be called from any thread.
/// Nothing is read ahead: each call looks at just the bytes it needs, and throws ``ImageError/notResident(offset:count:)``
/// for those that a partly fetched image lacks.
package final class Image: Sendable {
    /// The superblock.
    package let superblock: Superblock
    /// What the algorithms of compressed files are set to.
    package let compression: CompressionConfiguration
    /// The image, from the start of the file system.
    package let primary: ImageBytes
    /// The devices besides the primary.
    let deviceTable: DeviceTable
    /// The byte of the primary where nid 0 lies.
    let metadataStart: UInt64
    /// Sums of extent lengths that reading on needs again.
    let addressMemo = AddressMemo()
    private let metabox = AtomicLazyReference<Attachment>()
    private let attachedPrefixes = AtomicLazyReference<LongPrefixTable>()

    /// Opens the file system that starts at byte `offset` of `bytes`.
    ///
    /// Checks what Linux checks at mounting, as far as no stream needs to be attached for it.
    ///
    /// - Parameter isFlat: Whether the devices follow each other in the image file instead of being files of their own.
    package init(_ bytes: ImageBytes, offset: UInt64 = 0, isFlat: Bool = false) throws(ImageError) {
        guard offset <= bytes.count else { throw .truncated(size: 0) }
        let primary = try bytes.slice(at: offset, count: bytes.count - offset)
        let superblock = try Superblock(of: primary)
        self.primary = primary
        self.superblock = superblock
        compression = try CompressionConfiguration(of: primary, superblock)
        deviceTable = try DeviceTable(of: primary, superblock, isFlat: isFlat)
        metadataStart = UInt64(superblock.metadataBlock) << superblock.blockBits
        try checkSpecialInodes()
    }

    /// The device slots in order; device ids are their indexes plus one.
    package var devices: [DeviceSlot] { deviceTable.slots }

    /// The root directory.
    package var root: NodeID { superblock.root }

    /// Blocks of all devices together, as statfs(2) reports them.
    package var blockCount: UInt64 { devices.reduce(superblock.blockCount) { $0 &+ $1.blockCount } }

    /// st_ino of an inode: the nid, with the metabox bit moved to where 32-bit programs see it.
    @inline(__always)
    package func inodeNumber(_ nid: NodeID) -> UInt64 {
        guard superblock.metaboxInode != nil else { return nid.rawValue }
        let low = nid.rawValue & 0x7FFF_FFFF
        let high = (nid.rawValue & 0x7FFF_FFFF_8000_0000) << 1
        return high | low | (nid.rawValue >> 63) << 31
    }

    /// Gives the image the decoded content of the metabox inode.
    ///
    /// To be done once, before serving, when ``Superblock/metaboxInode`` is set; later calls change nothing.
    package func attach(metabox bytes: ImageBytes) throws(ImageError) {
        _ = metabox.storeIfNil(Attachment(bytes))
        try checkSpecialInodes()
    }

    /// Gives the image the packed inode's content from ``packedPrefixRange`` on, decoded.
    ///
    /// To be done once, before serving, when that range is not nil; later calls change nothing.
    package func attach(packedPrefixes bytes: ImageBytes) throws(ImageError) {
        _ = attachedPrefixes.storeIfNil(try LongPrefixTable(of: bytes, at: 0, count: superblock.longPrefixCount))
    }

    /// The range of the packed inode's content that may hold the table of long attribute prefixes; nil if it lies elsewhere.
    ///
    /// The inode may end within the range: then what there is will do.
    package var packedPrefixRange: Range<UInt64>? {
        guard superblock.longPrefixStream == .packed else { return nil }
        return superblock.longPrefixOffset..<(superblock.longPrefixOffset + LongPrefixTable.maximumLength)
    }

    /// A view of `count` bytes at `offset` of a metadata stream.
    @inline(__always)
    package func record(in stream: Stream, at offset: UInt64, count: Int) throws(ImageError) -> Record {
        if stream == .primary { return try primary.record(at: offset, count: count) }
        return try attached(stream).record(at: offset, count: count)
    }

    /// The memory of `count` bytes of metadata at `place`; valid as long as the image.
    @inline(__always)
    package func bytes(at place: MetadataPlace, count: Int) throws(ImageError) -> UnsafeRawBufferPointer {
        if place.stream == .primary { return try primary.bytes(at: place.offset, count: count) }
        return try attached(place.stream).bytes(at: place.offset, count: count)
    }

    /// The bytes of a metadata stream.
    func bytes(of stream: Stream) throws(ImageError) -> ImageBytes {
        stream == .primary ? primary : try attached(stream)
    }

    private func attached(_ stream: Stream) throws(ImageError) -> ImageBytes {
        guard stream == .metabox, let attachment = metabox.load() else { throw .notAttached(stream) }
        return attachment.bytes
    }

    /// The table of long attribute prefixes; nil if the image has none.
    func longPrefixes() throws(ImageError) -> LongPrefixTable? {
        guard let stream = superblock.longPrefixStream else { return nil }
        if let table = attachedPrefixes.load() { return table }
        let table = try LongPrefixTable(
            of: bytes(of: stream), at: superblock.longPrefixOffset, count: superblock.longPrefixCount)
        return attachedPrefixes.storeIfNil(table)
    }

    /// Checks the inodes that the superblock names, as far as they can be read.
    private func checkSpecialInodes() throws(ImageError) {
        let isComplete = superblock.metaboxInode == nil || metabox.load() != nil
        func check(_ nid: NodeID?) throws(ImageError) -> Inode? {
            guard let nid, isComplete || !nid.isInMetabox else { return nil }
            return try inode(nid)
        }
        if superblock.incompatible.contains(.fragments) { _ = try check(superblock.packedInode) }
        _ = try check(superblock.metaboxInode)
        if let root = try check(superblock.root), root.type != .directory {
            throw .invalid(.superblock, field: "root mode", value: UInt64(root.mode))
        }
        let prefixStream = superblock.longPrefixStream
        if prefixStream == .primary || (prefixStream == .metabox && isComplete) { _ = try longPrefixes() }
    }
}

/// A stream that was attached.
private final class Attachment: Sendable {
    let bytes: ImageBytes

    init(_ bytes: ImageBytes) { self.bytes = bytes }
}
