// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

@testable import EROFS

/// Makes images of a few kilobytes by hand, for what no mkfs.erofs writes.
///
/// Starts as a valid superblock; the caller puts the rest where it wants it.
struct ImageBuilder {
    var bytes: [UInt8]
    let blockBits: Int

    /// A superblock and zeroes, without any features, with its root at `root`.
    init(size: Int, blockBits: Int = 12, root: UInt16 = 40) {
        bytes = [UInt8](repeating: 0, count: size)
        self.blockBits = blockBits
        put(UInt32(0xE0F5_E1E2), at: 1024)
        put(UInt8(blockBits), at: 1024 + 0x0C)
        put(root, at: 1024 + 0x0E)
        put(UInt32(size >> blockBits), at: 1024 + 0x24)
    }

    /// Writes an integer in the format's byte order.
    mutating func put<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
        withUnsafeBytes(of: value.littleEndian) { put(Array($0), at: offset) }
    }

    /// Writes bytes.
    mutating func put(_ values: [UInt8], at offset: Int) {
        bytes.replaceSubrange(offset..<offset + values.count, with: values)
    }

    /// Writes the incompatible and compatible feature bits.
    mutating func setFeatures(incompatible: UInt32 = 0, compatible: UInt32 = 0) {
        put(compatible, at: 1024 + 8)
        put(incompatible, at: 1024 + 0x50)
    }

    /// The fields of a compact inode.
    struct CompactInode {
        var format: UInt16
        var attributeCount: UInt16 = 0
        var mode: UInt16
        var links: UInt16 = 1
        var size: UInt32
        var time: UInt32 = 0
        var union: UInt32 = 0
        var user: UInt16 = 0
        var group: UInt16 = 0
    }

    /// Writes a compact inode at a byte offset.
    mutating func put(_ inode: CompactInode, at offset: Int) {
        put(inode.format, at: offset)
        put(inode.attributeCount, at: offset + 2)
        put(inode.mode, at: offset + 4)
        put(inode.links, at: offset + 6)
        put(inode.size, at: offset + 8)
        put(inode.time, at: offset + 12)
        put(inode.union, at: offset + 16)
        put(inode.user, at: offset + 24)
        put(inode.group, at: offset + 26)
    }

    /// Writes an inline directory at `nid`, and returns its inode's end.
    mutating func putDirectory(nid: Int, format: UInt16 = 4, _ names: [(String, UInt64, UInt8)]) {
        let block = Self.directoryBlock(names)
        put(CompactInode(format: format, mode: 0o040755, links: 2, size: UInt32(block.count)), at: nid * 32)
        put(block, at: nid * 32 + 32)
    }

    /// The bytes of a directory block with `names` as they come: name, nid, type.
    static func directoryBlock(_ names: [(String, UInt64, UInt8)]) -> [UInt8] {
        var records = ImageBuilder(raw: 12 * names.count)
        var text: [UInt8] = []
        for (index, (name, nid, type)) in names.enumerated() {
            records.put(nid, at: 12 * index)
            records.put(UInt16(12 * names.count + text.count), at: 12 * index + 8)
            records.put(type, at: 12 * index + 10)
            text += Array(name.utf8)
        }
        return records.bytes + text
    }

    private init(raw count: Int) {
        bytes = [UInt8](repeating: 0, count: count)
        blockBits = 12
    }

    /// The image, opened.
    func open(isFlat: Bool = false) throws(ImageError) -> Image { try Image(.copying(bytes), isFlat: isFlat) }

    /// The error that opening the image gives.
    func openingError() -> ImageError? {
        do {
            _ = try open()
            return nil
        } catch { return error }
    }

    /// A small tree: a root with an inline file `f` (nid 44) of five bytes.
    static func smallTree(blockBits: Int = 12) -> ImageBuilder {
        var builder = ImageBuilder(size: max(8192, 1 << blockBits), blockBits: blockBits)
        builder.putDirectory(nid: 40, [(".", 40, 2), ("..", 40, 2), ("f", 44, 1)])
        builder.put(CompactInode(format: 4, mode: 0o100644, size: 5), at: 44 * 32)
        builder.put(Array("hello".utf8), at: 44 * 32 + 32)
        return builder
    }
}

/// The bytes that a string of hexadecimal digits, with spaces anywhere, stands for.
func hexadecimal(_ text: String) -> [UInt8] {
    let digits = text.compactMap { $0.hexDigitValue }
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

extension Directory {
    /// The nid of a name given as text.
    func find(_ name: String) throws -> UInt64? {
        try Array(name.utf8).withUnsafeBytes { key in try lookup(key)?.nid.rawValue }
    }

    /// All names from a position on, with the positions behind them.
    func names(from cookie: UInt64 = 0) throws(ImageError) -> [(name: String, next: UInt64)] {
        var names: [(name: String, next: UInt64)] = []
        try forEachEntry(from: cookie) { entry in
            names.append((String(decoding: entry.name, as: UTF8.self), entry.nextCookie))
            return true
        }
        return names
    }
}

extension ExtendedAttributes {
    /// The value of a name given as text, as text.
    func text(_ name: String) throws -> String? {
        try Array(name.utf8).withUnsafeBytes { key in
            try value(named: key).map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// All names in order.
    func names() throws(ImageError) -> [String] {
        var names: [String] = []
        try forEachAttribute { name, _ in
            var text = [UInt8](repeating: 0, count: name.count)
            text.withUnsafeMutableBytes { name.copy(to: $0) }
            names.append(String(decoding: text, as: UTF8.self))
            return true
        }
        return names
    }
}
