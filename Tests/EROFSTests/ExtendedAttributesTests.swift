// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EROFS

@Suite struct ExtendedAttributesTests {
    /// A small tree whose file has the given attribute body.
    private func builder(_ body: String, count: UInt16? = nil) -> ImageBuilder {
        var builder = ImageBuilder.smallTree()
        let bytes = hexadecimal(body)
        let icount = count ?? UInt16((bytes.count - 12) / 4 + 1)
        builder.put(.init(format: 0, attributeCount: icount, mode: 0o100644, size: 0), at: 44 * 32)
        builder.put(bytes, at: 44 * 32 + 32)
        return builder
    }

    private func attributes(_ builder: ImageBuilder) throws -> ExtendedAttributes {
        let image = try builder.open()
        return try image.extendedAttributes(of: image.inode(NodeID(rawValue: 44)))
    }

    /// The body of a file that mkfs.erofs made: user.own=1 of its own, user.shared=same shared.
    private let known = "fffffff5 01 00000000000000 20010000 03010100 6f776e31"

    private func knownBuilder() -> ImageBuilder {
        var builder = builder(known)
        builder.setFeatures(compatible: 4)
        builder.put(hexadecimal("06010400 736861726564 73616d65"), at: 0x480)
        return builder
    }

    @Test func readsOwnAndSharedAttributes() throws {
        let attributes = try attributes(knownBuilder())
        #expect(try attributes.names() == ["user.own", "user.shared"])
        #expect(try attributes.text("user.own") == "1")
        #expect(try attributes.text("user.shared") == "same")
        for name in ["user.ow", "user.owned", "user.", "user", "trusted.own", "own", "", "lustre.own"] {
            #expect(try attributes.text(name) == nil)
        }
    }

    private func mayHave(_ attributes: ExtendedAttributes, _ name: String) -> Bool {
        Array(name.utf8).withUnsafeBytes { attributes.mayHave($0) }
    }

    @Test func asksTheFilterFirst() throws {
        let attributes = try attributes(knownBuilder())
        #expect(mayHave(attributes, "user.own") && mayHave(attributes, "user.shared"))
        #expect(!mayHave(attributes, "security.capability"))
    }

    @Test func ignoresTheFilterWhereItMeansNothing() throws {
        var reserved = knownBuilder()
        reserved.put(UInt8(1), at: 1024 + 0x68)
        #expect(mayHave(try attributes(reserved), "security.capability"))
        var absent = knownBuilder()
        absent.setFeatures(compatible: 0)
        #expect(mayHave(try attributes(absent), "security.capability"))
    }

    @Test func believesTheFilterAgainstTheEntries() throws {
        var builder = knownBuilder()
        builder.put(UInt32.max, at: 44 * 32 + 32)
        #expect(try attributes(builder).text("user.own") == nil)
    }

    @Test func namesAccessControlLists() throws {
        let attributes = try attributes(builder("00000000 00 00000000000000 00020100 61000000 00030100 62000000"))
        #expect(try attributes.names() == ["system.posix_acl_access", "system.posix_acl_default"])
        #expect(try attributes.text("system.posix_acl_access") == "a")
        #expect(try attributes.text("system.posix_acl_default") == "b")
        #expect(try attributes.text("system.posix_acl_accessx") == nil)
    }

    @Test func hidesPaddingLustreAndUnknownNamespaces() throws {
        let body = """
            00000000 00 00000000000000 00000000 01000100 78310000 01050100 78320000 01090100 78330000
            01860100 78340000 01040100 78350000
            """
        let attributes = try attributes(builder(body))
        #expect(try attributes.names() == ["trusted.x"])
        #expect(try attributes.text("trusted.x") == "5")
    }

    @Test func joinsLongPrefixes() throws {
        var builder = builder(
            "00000000 00 00000000000000 06800100 6f7061717565 7900 00810100 7a000000 01820100 71310000")
        builder.setFeatures(incompatible: 0x40, compatible: 0x10)
        builder.put(UInt8(3), at: 1024 + 0x5B)
        builder.put(UInt32(0x490 / 4), at: 1024 + 0x5C)
        builder.put(hexadecimal("0900 04 6f7665726c61792e 00 0300 01 6162 000000 0100 00"), at: 0x490)
        let attributes = try attributes(builder)
        #expect(try attributes.names() == ["trusted.overlay.opaque", "user.ab"])
        #expect(try attributes.text("trusted.overlay.opaque") == "y")
        #expect(try attributes.text("user.ab") == "z")
        #expect(try attributes.text("trusted.overlay.") == nil)
    }

    @Test func refusesADamagedPrefixTableAtOnce() {
        var builder = ImageBuilder.smallTree()
        builder.setFeatures(incompatible: 0x40, compatible: 0x10)
        builder.put(UInt8(1), at: 1024 + 0x5B)
        builder.put(UInt32(0x490 / 4), at: 1024 + 0x5C)
        #expect(builder.openingError() == .damaged(.longPrefix(0), field: "length", value: 0))
        builder.put(UInt16(257), at: 0x490)
        #expect(builder.openingError() == .damaged(.longPrefix(0), field: "length", value: 257))
        builder.put(UInt8(129), at: 1024 + 0x5B)
        #expect(builder.openingError() == .damaged(.superblock, field: "xattr_prefix_count", value: 129))
    }

    @Test func waitsForThePrefixTableInThePackedInode() throws {
        var builder = builder("00000000 00 00000000000000 01800100 6f790000")
        builder.setFeatures(incompatible: 0x60)
        builder.put(UInt8(1), at: 1024 + 0x5B)
        builder.put(UInt32(2), at: 1024 + 0x5C)
        builder.put(UInt64(44), at: 1024 + 0x60)
        let image = try builder.open()
        let attributes = try image.extendedAttributes(of: image.inode(NodeID(rawValue: 44)))
        #expect(throws: ImageError.notAttached(.packed)) { try attributes.names() }
        #expect(image.packedPrefixRange?.lowerBound == 8)
        try image.attach(packedPrefixes: .copying(hexadecimal("0300 04 782e")))
        #expect(try attributes.names() == ["trusted.x.o"])
    }

    @Test func findsContentDigests() throws {
        var builder = builder("00000000 00 00000000000000 00800400 61626364")
        builder.setFeatures(incompatible: 0x40, compatible: 0x30)
        builder.put(UInt8(1), at: 1024 + 0x5B)
        builder.put(UInt32(0x490 / 4), at: 1024 + 0x5C)
        builder.put(hexadecimal("0200 00 65"), at: 0x490)
        let attributes = try attributes(builder)
        #expect(try attributes.contentDigest().map { Array($0) } == Array("abcd".utf8))
        #expect(try attributes.names().isEmpty)
    }

    @Test func refusesWhatLinuxRefuses() throws {
        let place = ImageError.Place.inode(NodeID(rawValue: 44))
        #expect(throws: ImageError.unsupported(place, field: "i_xattr_icount", value: 1)) {
            try attributes(builder("00000000 00 00000000000000", count: 1))
        }
        #expect(throws: ImageError.damaged(place, field: "h_shared_count", value: 2)) {
            try attributes(builder("00000000 02 00000000000000 00000000"))
        }
        let overrun = try attributes(builder("00000000 00 00000000000000 03010200 6f776e31"))
        let error = ImageError.damaged(
            .attribute(NodeID(rawValue: 44), offset: 44 * 32 + 44), field: "length", value: 12)
        #expect(throws: error) { try overrun.names() }
        #expect(throws: error) { try overrun.text("user.own") }
    }

    @Test func refusesASharedAttributeBeyondTheImage() throws {
        let attributes = try attributes(builder("00000000 01 00000000000000 ffffffff"))
        #expect(throws: ImageError.outOfBounds(offset: 4 * 0xFFFF_FFFF, count: 4, size: 8192)) {
            try attributes.names()
        }
    }

    @Test func hashesAsXXH32() {
        let cases: [(String, UInt32, UInt32)] = [
            ("", 0, 0x02CC_5D05), ("a", 0, 0x550D_7456), ("abc", 0, 0x32D1_53FF),
            ("Nobody inspects the spammish repetition", 0, 0xE229_3B2F),
        ]
        for (text, seed, hash) in cases {
            #expect(Array(text.utf8).withUnsafeBytes { XXH32.hash($0, seed: seed) } == hash)
        }
        #expect(Array("own".utf8).withUnsafeBytes { XXH32.hash($0, seed: 0x25BB_E08F + 1) } & 31 == 25)
        #expect(Array("overlay.opaque".utf8).withUnsafeBytes { XXH32.hash($0, seed: 0x25BB_E08F + 4) } & 31 == 20)
    }
}
