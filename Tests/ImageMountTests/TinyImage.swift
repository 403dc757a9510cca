// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// A hand-made image of 64 KiB with one of everything that the answers of a mount differ in.
///
/// Root (nid 40): `bad` (its inode is zeroes), `big` (flat, in blocks 16 and 17), `file` (inline, with an extended
/// attribute), `link` (a symlink to `target`), `sub` (a directory).
struct TinyImage {
    static let root: UInt64 = 40
    static let file: UInt64 = 50
    static let link: UInt64 = 54
    static let sub: UInt64 = 58
    static let big: UInt64 = 62
    static let bad: UInt64 = 90
    /// Bytes of `big`, unless it is made larger.
    static let bigSize = 5000
    /// Where the content of `big` lies in the image: behind the window that is fetched with the metadata.
    static let bigOffset = 16 * 4096

    private(set) var bytes: [UInt8]

    init(bigSize: Int = TinyImage.bigSize) {
        bytes = [UInt8](repeating: 0, count: max(64 << 10, TinyImage.bigOffset + bigSize + 4095) / 4096 * 4096)
        put(UInt32(0xE0F5_E1E2), at: 1024)
        put(UInt8(12), at: 1024 + 0x0C)
        put(UInt16(TinyImage.root), at: 1024 + 0x0E)
        put(UInt64(6), at: 1024 + 0x10)
        put(UInt32(bytes.count / 4096), at: 1024 + 0x24)
        putDirectory(
            TinyImage.root,
            [
                (".", TinyImage.root, 2), ("..", TinyImage.root, 2), ("bad", TinyImage.bad, 1),
                ("big", TinyImage.big, 1),
                ("file", TinyImage.file, 1), ("link", TinyImage.link, 7), ("sub", TinyImage.sub, 2),
            ])
        putInode(TinyImage.file, format: 4, mode: 0o100640, size: 5, attributes: 3)
        let body = Int(TinyImage.file) * 32 + 32
        put([1, 1, 1, 0] + Array("x".utf8) + Array("v".utf8), at: body + 12)
        put(Array("hello".utf8), at: body + 20)
        putInode(TinyImage.link, format: 4, mode: 0o120777, size: 6)
        put(Array("target".utf8), at: Int(TinyImage.link) * 32 + 32)
        putDirectory(TinyImage.sub, [(".", TinyImage.sub, 2), ("..", TinyImage.root, 2)])
        putInode(TinyImage.big, format: 0, mode: 0o100644, size: bigSize, union: UInt32(TinyImage.bigOffset) / 4096)
        put((0..<bigSize).map { UInt8($0 % 251) }, at: TinyImage.bigOffset)
    }

    /// Makes `big` begin like a program.
    mutating func makeProgram() { put([0x7F] + Array("ELF".utf8), at: TinyImage.bigOffset) }

    private mutating func put<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
        withUnsafeBytes(of: value.littleEndian) { put(Array($0), at: offset) }
    }

    private mutating func put(_ values: [UInt8], at offset: Int) {
        bytes.replaceSubrange(offset..<offset + values.count, with: values)
    }

    /// A compact inode.
    private mutating func putInode(
        _ nid: UInt64, format: UInt16, mode: UInt16, size: Int, attributes: UInt16 = 0, union: UInt32 = 0
    ) {
        let offset = Int(nid) * 32
        put(format, at: offset)
        put(attributes, at: offset + 2)
        put(mode, at: offset + 4)
        put(UInt16(1), at: offset + 6)
        put(UInt32(size), at: offset + 8)
        put(union, at: offset + 16)
        put(UInt16(1000), at: offset + 24)
    }

    /// A directory with its one block behind the inode.
    private mutating func putDirectory(_ nid: UInt64, _ names: [(String, UInt64, UInt8)]) {
        let start = Int(nid) * 32 + 32
        var end = 12 * names.count
        for (index, (name, target, type)) in names.enumerated() {
            put(target, at: start + 12 * index)
            put(UInt16(end), at: start + 12 * index + 8)
            put(type, at: start + 12 * index + 10)
            put(Array(name.utf8), at: start + end)
            end += name.utf8.count
        }
        putInode(nid, format: 4, mode: 0o040755, size: end)
    }
}
