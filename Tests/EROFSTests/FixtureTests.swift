// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import FuzzSupport
import Glibc
import Testing

@testable import EROFS

@Suite struct FixtureTests {
    /// The images of `Fixtures`, by name.
    static let names = [
        "b512", "chunks", "chunks-wide", "deflate", "deflate-wide", "device", "digest", "lz4", "lz4-16k", "lz4-all",
        "lz4-b512", "lz4-directories", "lz4-fragments", "lz4-full", "lz4-full-all", "lz4-tail", "lz4-wide", "lzma",
        "lzma-wide", "metabox", "metabox-chunks", "metazone", "plain", "prefix-metabox", "prefix-packed",
        "prefix-plain", "several", "tar-index", "wide", "zstd", "zstd-dedupe", "zstd-wide",
    ]

    /// Those whose content is read without a codec.
    static let plainNames = [
        "b512", "chunks", "chunks-wide", "digest", "metabox", "metazone", "plain", "prefix-metabox", "prefix-plain",
        "wide",
    ]

    /// The bytes of an image.
    static func bytes(_ name: String) throws -> [UInt8] {
        let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        let file = try #require(fopen("/\(folder)/Fixtures/\(name).erofs", "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65536)
        bytes.removeLast(65536 - fread(&bytes, 1, bytes.count, file))
        return bytes
    }

    /// The image opened, with its metabox attached.
    private func open(_ name: String) throws -> Image {
        let image = try Image(.copying(Self.bytes(name)))
        if let nid = image.superblock.metaboxInode {
            let content = try #require(try ContentReader(image).content(of: image.inode(nid)))
            try image.attach(metabox: .copying(content))
        }
        return image
    }

    private func file(_ path: String, in image: Image) throws -> Inode {
        var inode = try image.inode(image.root)
        for name in path.split(separator: "/") {
            let nid = try #require(try image.directory(inode).find(String(name)), "\(path) is missing")
            inode = try image.inode(NodeID(rawValue: nid))
        }
        return inode
    }

    private static let sequence = Array((1...3000).map { "\($0)\n" }.joined().utf8)
    private static let noise: [UInt8] = {
        var state: UInt64 = 1
        return (0..<2000).map { _ in
            state = state * 16807 % 2_147_483_647
            return UInt8(truncatingIfNeeded: state >> 16)
        }
    }()

    @Test(arguments: plainNames) func readsTheFiles(name: String) throws {
        let image = try open(name)
        let reader = ContentReader(image)
        let expected: [(String, [UInt8])] = [
            ("hello", Array("hello, erofs\n".utf8)), ("empty", []), ("seq", Self.sequence), ("noise", Self.noise),
            ("zeros", [UInt8](repeating: 0, count: 9000)), ("both", Self.sequence + Self.noise),
            ("link", Array("hello".utf8)), ("names/n123", [UInt8(ascii: "x")]), ("names/deep/y", [UInt8(ascii: "y")]),
        ]
        for (path, content) in expected {
            #expect(try reader.content(of: file(path, in: image)) == content, "\(path)")
        }
    }

    @Test(arguments: plainNames) func readsTheFacts(name: String) throws {
        let image = try open(name)
        let linked = try file("names/n299", in: image)
        #expect(linked.linkCount == 300 && linked.modificationSeconds == 1_700_000_000)
        #expect(try file("names/n000", in: image).nid == linked.nid)
        let null = try file("null", in: image)
        #expect(null.type == .characterDevice && null.deviceMajor == 1 && null.deviceMinor == 3)
        #expect(try file("fifo", in: image).type == .fifo)
        let names = try image.directory(file("names", in: image)).names().map(\.name)
        let linkNames = (1000..<1300).map { (number: Int) -> String in "n\(String(number).dropFirst())" }
        #expect(names.filter { $0.hasPrefix("n") } == linkNames)
        #expect(names.count == 303 && names.contains(".") && names.contains("..") && names.contains("deep"))
    }

    @Test(arguments: plainNames) func readsTheAttributes(name: String) throws {
        let image = try open(name)
        func attributes(_ path: String) throws -> ExtendedAttributes {
            try image.extendedAttributes(of: file(path, in: image))
        }
        #expect(try attributes("hello").names().sorted() == ["user.own", "user.shared"])
        #expect(try attributes("hello").text("user.shared") == "same")
        #expect(try attributes("seq").text("user.shared") == "same")
        #expect(try attributes("seq").text("user.own") == nil)
        #expect(try attributes("names/deep").text("trusted.overlay.opaque") == "y")
        #expect(try attributes("names/n000").names().isEmpty)
    }

    @Test func pointsIntoTheDevice() throws {
        let image = try open("device")
        let extent = try image.extent(of: file("seq", in: image), at: 0)
        guard case .device(1, _) = extent.source else { return #expect(Bool(false), "\(extent)") }
        #expect(image.devices.count == 1)
        let tar = try open("tar-index")
        #expect(tar.superblock.blockSize == 512 && tar.devices[0].unifiedBlock == tar.superblock.blockCount)
    }

    @Test func findsContentDigests() throws {
        let image = try open("digest")
        let digest = try #require(try image.extendedAttributes(of: file("seq", in: image)).contentDigest())
        #expect(Array(digest.prefix(7)) == Array("sha256:".utf8) && digest.count == 39)
    }

    @Test(arguments: names) func survivesMutation(name: String) throws {
        let mutator = ImageMutator(try Self.bytes(name))
        for seed in 0..<40 {
            #expect(BoundedWalk.run(mutator.copy(seed: UInt64(seed)), limit: 1500) < 20_000)
        }
    }
}
