// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The extended attributes of one inode.
///
/// The body behind the inode has a filter of names (4 bytes), the number of shared attributes (1), 7 reserved bytes, the
/// ids of the shared attributes (4 each) and then the inode's own attributes. All memory that this hands out is valid as
/// long as the image.
package struct ExtendedAttributes: Sendable {
    private static let headerLength = 12
    private static let filterSeed: UInt32 = 0x25BB_E08F

    private let image: Image
    private let inode: Inode
    private let sharedCount: Int
    /// A bit that is one says that no name has that hash.
    private let filter: UInt32

    /// The attributes of `inode`.
    init(of inode: Inode, in image: Image) throws(ImageError) {
        self.image = image
        self.inode = inode
        guard inode.attributeCount > 0 else {
            sharedCount = 0
            filter = .max
            return
        }
        guard inode.attributeCount > 1 else {
            throw .unsupported(.inode(inode.nid), field: "i_xattr_icount", value: 1)
        }
        let header = try image.record(in: inode.stream, at: inode.attributeBodyOffset, count: Self.headerLength)
        sharedCount = Int(header.u8(4))
        filter = image.superblock.hasAttributeFilter ? header.u32(0) : 0
        guard 4 * sharedCount <= inode.attributeBodyLength - Self.headerLength else {
            throw .damaged(.inode(inode.nid), field: "h_shared_count", value: UInt64(sharedCount))
        }
    }

    /// Whether an attribute called `name` may exist, as far as the filter tells.
    package func mayHave(_ name: UnsafeRawBufferPointer) -> Bool {
        guard inode.attributeCount > 0, let (namespace, rest) = AttributeNamespace.split(name) else { return false }
        return mayHave(namespace, rest)
    }

    private func mayHave(_ namespace: AttributeNamespace, _ rest: UnsafeRawBufferPointer) -> Bool {
        guard filter != 0 else { return true }
        let hash = XXH32.hash(rest, seed: Self.filterSeed &+ UInt32(namespace.rawValue))
        return filter & (1 << (hash & 31)) == 0
    }

    /// The value of the attribute called `name`; nil if there is none.
    package func value(named name: UnsafeRawBufferPointer) throws(ImageError) -> UnsafeRawBufferPointer? {
        guard inode.attributeCount > 0, let (namespace, rest) = AttributeNamespace.split(name) else { return nil }
        guard mayHave(namespace, rest) else { return nil }
        var value: UnsafeRawBufferPointer?
        try forEachEntry { entry throws(ImageError) in
            guard let found = try visibleName(of: entry), found.namespace == namespace else { return true }
            guard found.infix.count + found.suffix.count == rest.count else { return true }
            guard rest.prefix(found.infix.count).elementsEqual(found.infix) else { return true }
            guard rest.suffix(found.suffix.count).elementsEqual(found.suffix) else { return true }
            value = entry.value
            return false
        }
        return value
    }

    /// Hands each name and its value to `body`, in Linux's order, until it returns false.
    ///
    /// Names of namespaces that Linux does not show are left out; whether the caller may see the trusted ones is for it
    /// to know.
    package func forEachAttribute(
        _ body: (AttributeName, UnsafeRawBufferPointer) -> Bool
    ) throws(ImageError) {
        guard inode.attributeCount > 0 else { return }
        try forEachEntry { entry throws(ImageError) in
            guard let name = try visibleName(of: entry) else { return true }
            return body(name, entry.value)
        }
    }

    /// The digest of the file's content, as the algorithm's name, a colon and raw bytes; nil if it has none.
    package func contentDigest() throws(ImageError) -> UnsafeRawBufferPointer? {
        guard inode.attributeCount > 0, let prefix = image.superblock.contentDigestPrefix else { return nil }
        var digest: UnsafeRawBufferPointer?
        try forEachEntry { entry throws(ImageError) in
            guard entry.nameIndex == prefix | 0x80, entry.name.isEmpty else { return true }
            digest = entry.value
            return false
        }
        return digest
    }

    /// The name of `entry`; nil if it is padding or of a namespace that is not shown.
    private func visibleName(of entry: Entry) throws(ImageError) -> AttributeName? {
        var base = entry.nameIndex
        var infix = UnsafeRawBufferPointer(start: nil, count: 0)
        if base & 0x80 != 0 {
            guard let prefix = try image.longPrefixes()?.prefix(base) else { return nil }
            base = prefix.base
            infix = prefix.infix
        }
        guard let namespace = AttributeNamespace(rawValue: base), namespace.isVisible else { return nil }
        return AttributeName(namespace: namespace, infix: infix, suffix: entry.name)
    }

    /// An attribute as it is stored.
    private struct Entry {
        let nameIndex: UInt8
        let name: UnsafeRawBufferPointer
        let value: UnsafeRawBufferPointer
        /// Bytes of the entry, padding included.
        let length: Int
    }

    /// Hands the inode's own attributes and then the shared ones to `body`, until it returns false.
    private func forEachEntry(_ body: (Entry) throws(ImageError) -> Bool) throws(ImageError) {
        let end = inode.endOffset
        var position = inode.attributeBodyOffset &+ UInt64(Self.headerLength + 4 * sharedCount)
        while position < end {
            let entry = try entry(in: inode.stream, at: position, limit: Int(end - position))
            guard try body(entry) else { return }
            position += UInt64(entry.length)
        }
        guard sharedCount > 0 else { return }
        let ids = try image.record(
            in: inode.stream, at: inode.attributeBodyOffset &+ UInt64(Self.headerLength), count: 4 * sharedCount)
        let isInMetabox = image.superblock.compatible.contains(.sharedAttributesInMetabox)
        let base = UInt64(image.superblock.sharedAttributeBlock) << image.superblock.blockBits
        for index in 0..<sharedCount {
            let position = base + 4 * UInt64(ids.u32(4 * index))
            guard try body(try entry(in: isInMetabox ? .metabox : .primary, at: position, limit: .max)) else { return }
        }
    }

    /// The attribute at `position`, which may have at most `limit` bytes.
    private func entry(in stream: Stream, at position: UInt64, limit: Int) throws(ImageError) -> Entry {
        let header = try image.record(in: stream, at: position, count: 4)
        let nameLength = Int(header.u8(0))
        let valueLength = Int(header.u16(2))
        let length = (4 + nameLength + valueLength + 3) & ~3
        guard length <= limit else {
            throw .damaged(.attribute(inode.nid, offset: position), field: "length", value: UInt64(length))
        }
        let record = try image.record(in: stream, at: position, count: 4 + nameLength + valueLength)
        return Entry(
            nameIndex: header.u8(1), name: record.bytes(at: 4, count: nameLength),
            value: record.bytes(at: 4 + nameLength, count: valueLength), length: length)
    }
}

extension Image {
    /// The extended attributes of `inode`; finding out that it has none costs nothing.
    package func extendedAttributes(of inode: Inode) throws(ImageError) -> ExtendedAttributes {
        try ExtendedAttributes(of: inode, in: self)
    }
}
