// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EROFS

@Suite struct MetaboxTests {
    /// An image whose root and file lie in the metabox stream, which inode 44 holds in block 1.
    private func builder(sharedAttributesInMetabox: Bool = false) -> ImageBuilder {
        var builder = ImageBuilder.smallTree()
        builder.setFeatures(incompatible: 0x180, compatible: sharedAttributesInMetabox ? 8 : 0)
        builder.put(UInt8(1), at: 1024 + 0x0D)
        builder.put(UInt64(1) << 63, at: 1024 + 0x70)
        builder.put(UInt64(44), at: 1024 + 0x80)
        builder.put(.init(format: 0, mode: 0o100644, size: 4096, union: 1), at: 44 * 32)
        return builder
    }

    private let stream: [UInt8] = {
        var stream = ImageBuilder(size: 4096)
        stream.putDirectory(nid: 0, [("..", 1 << 63, 2), ("f", 1 << 63 | 10, 1)])
        stream.put(.init(format: 4, attributeCount: 2, mode: 0o100644, size: 3), at: 320)
        stream.put(hexadecimal("00000000 01 00000000000000 00010000 616263"), at: 352)
        stream.put(hexadecimal("01010100 78 6d"), at: 1024)
        return stream.bytes
    }()

    @Test func waitsForTheStream() throws {
        let image = try builder().open()
        #expect(image.superblock.metaboxInode == NodeID(rawValue: 44))
        #expect(throws: ImageError.notAttached(.metabox)) { try image.inode(image.root) }
        try image.attach(metabox: .copying(stream))
        let root = try image.inode(image.root)
        #expect(try image.directory(root).find("f") == 1 << 63 | 10)
        let file = try image.inode(NodeID(rawValue: 1 << 63 | 10))
        let place = MetadataPlace(stream: .metabox, offset: 368)
        #expect(try image.extent(of: file, at: 0) == Extent(start: 0, length: 3, source: .inline(place)))
        #expect(try Array(image.bytes(at: place, count: 3)) == Array("abc".utf8))
    }

    @Test func checksTheRootWhenTheStreamCame() throws {
        let image = try builder().open()
        #expect(throws: ImageError.damaged(.inode(image.root), field: "i_mode", value: 0)) {
            try image.attach(metabox: .copying([UInt8](repeating: 0, count: 64)))
        }
    }

    @Test(arguments: [true, false]) func findsSharedAttributes(inMetabox: Bool) throws {
        var builder = builder(sharedAttributesInMetabox: inMetabox)
        builder.put(hexadecimal("01010100 78 70"), at: 0x490)
        let image = try builder.open()
        var stream = stream
        stream.replaceSubrange(364..<368, with: hexadecimal(inMetabox ? "00010000" : "24010000"))
        try image.attach(metabox: .copying(stream))
        let attributes = try image.extendedAttributes(of: image.inode(NodeID(rawValue: 1 << 63 | 10)))
        #expect(try attributes.text("user.x") == (inMetabox ? "m" : "p"))
    }

    @Test func numbersInodesAsLinuxDoes() throws {
        let image = try builder().open()
        #expect(image.inodeNumber(NodeID(rawValue: 0x8000_0000_0000_3078)) == 0x8000_3078)
        #expect(image.inodeNumber(NodeID(rawValue: 0x1_8000_0001)) == 0x3_0000_0001)
        let plain = try ImageBuilder.smallTree().open()
        #expect(plain.inodeNumber(NodeID(rawValue: 0x1_8000_0001)) == 0x1_8000_0001)
    }

    @Test func refusesAMetaboxInsideItself() {
        var builder = builder()
        builder.put(UInt64(1) << 63 | 44, at: 1024 + 0x80)
        #expect(builder.openingError() == .damaged(.superblock, field: "metabox_nid", value: 1 << 63 | 44))
    }
}
