// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EROFS

@Suite struct DirectoryTests {
    /// A plain directory of one or more 512-byte blocks, each with the given names.
    private func directory(_ blocks: [[String]], format: UInt16 = 0) throws -> Directory {
        var builder = ImageBuilder(size: 8192, blockBits: 9)
        builder.putDirectory(nid: 40, [(".", 40, 2), ("..", 40, 2)])
        var nid: UInt64 = 100
        var size = 0
        for (index, names) in blocks.enumerated() {
            let entries = names.map { name -> (String, UInt64, UInt8) in
                nid += 1
                return (name, nid, 1)
            }
            let block = ImageBuilder.directoryBlock(entries)
            builder.put(block, at: 4096 + 512 * index)
            size = 512 * index + block.count
        }
        builder.put(.init(format: format, mode: 0o040755, size: UInt32(size), union: 8), at: 42 * 32)
        let image = try builder.open()
        return try image.directory(image.inode(NodeID(rawValue: 42)))
    }

    @Test func findsEveryNameInEveryBlock() throws {
        let blocks = [["#x", ".", "..", "a"], ["aa", "ab", "b"], ["c"], ["d", "ä", "ÿ"]]
        let directory = try directory(blocks)
        for (index, name) in blocks.joined().enumerated() {
            #expect(try directory.find(name) == UInt64(101 + index))
        }
        for name in ["", "!", "#", "...", "aaa", "ba", "c0", "e", "zzz", String(repeating: "x", count: 300)] {
            #expect(try directory.find(name) == nil)
        }
    }

    @Test func listsWithThePositionsOfLinux() throws {
        let directory = try directory([["a", "b"], ["c", "d", "e"]])
        let all = try directory.names()
        #expect(all.map(\.name) == ["a", "b", "c", "d", "e"])
        #expect(all.map(\.next) == [12, 512, 524, 536, directory.size])
        #expect(try directory.names(from: 12).map(\.name) == ["b", "c", "d", "e"])
        #expect(try directory.names(from: 13).map(\.name) == ["c", "d", "e"])
        #expect(try directory.names(from: 1).map(\.name) == ["b", "c", "d", "e"])
        #expect(try directory.names(from: 400).map(\.name) == ["c", "d", "e"])
        #expect(try directory.names(from: directory.size).isEmpty)
        #expect(try directory.names(from: .max).isEmpty)
    }

    @Test func stopsWhenToldTo() throws {
        var seen = 0
        try directory([["a", "b"], ["c"]]).forEachEntry(from: 0) { _ in
            seen += 1
            return seen < 2
        }
        #expect(seen == 2)
    }

    @Test func emitsAnOmittedDotLast() throws {
        let directory = try directory([["..", "a"]], format: 0x10)
        let size = directory.size
        #expect(try directory.names().map(\.name) == ["..", "a", "."])
        #expect(try directory.names(from: size).map(\.next) == [size + 1])
        #expect(try directory.names(from: size + 1).isEmpty)
        #expect(try directory.find(".") == 42)
        #expect(try self.directory([["..", "a"]]).find(".") == nil)
    }

    @Test func takesTheNameUpToANulInABlockThatIsNotFull() throws {
        var builder = ImageBuilder(size: 8192, blockBits: 9)
        builder.putDirectory(nid: 40, [(".", 40, 2), ("..", 40, 2)])
        builder.put(ImageBuilder.directoryBlock([("a", 1, 1), ("b", 2, 9)]), at: 4096)
        builder.put(ImageBuilder.directoryBlock([("c", 3, 1)]), at: 4608)
        builder.put(.init(format: 0, mode: 0o040755, size: 512 + 13, union: 8), at: 42 * 32)
        let image = try builder.open()
        let directory = try image.directory(image.inode(NodeID(rawValue: 42)))
        #expect(try directory.names().map(\.name) == ["a", "b", "c"])
        #expect(try directory.find("b") == 2)
        var types: [FileType?] = []
        try directory.forEachEntry(from: 0) {
            types.append($0.type)
            return true
        }
        #expect(types == [.regular, nil, .regular])
    }

    /// Lists an inline directory with two names after a change at a byte of its content.
    private func damaged(_ offset: Int, _ value: UInt16) throws -> (listing: ImageError?, lookup: ImageError?) {
        var builder = ImageBuilder(size: 4096)
        builder.putDirectory(nid: 40, [("..", 40, 2), ("a", 41, 1)])
        builder.put(value, at: 41 * 32 + offset)
        let image = try builder.open()
        let directory = try image.directory(image.inode(image.root))
        func error(_ body: () throws -> Void) -> ImageError? {
            do { try body() } catch { return error as? ImageError }
            return nil
        }
        return (error { _ = try directory.names() }, error { _ = try directory.find("a") })
    }

    @Test func refusesToListDamagedBlocksAsLinuxDoes() throws {
        func damage(_ field: String, _ value: UInt64, at offset: UInt64) -> ImageError {
            .damaged(.directory(NodeID(rawValue: 40), offset: offset), field: field, value: value)
        }
        #expect(try damaged(8, 0).listing == damage("nameoff", 0, at: 0))
        #expect(try damaged(8, 0).lookup == damage("nameoff", 0, at: 0))
        #expect(try damaged(8, 13).listing == damage("nameoff", 13, at: 0))
        #expect(try damaged(8, 13).lookup == nil)
        #expect(try damaged(8, 36).listing == damage("nameoff", 36, at: 0))
        #expect(try damaged(20, 24).listing == damage("name length", 0, at: 0))
        #expect(try damaged(20, 28).listing == damage("name length", 4, at: 0))
        #expect(try damaged(20, 27).listing == damage("name length", 0, at: 12))
    }

    @Test func refusesNamesTooLong() throws {
        var builder = ImageBuilder(size: 4096)
        builder.putDirectory(nid: 40, [("..", 40, 2), (String(repeating: "x", count: 256), 41, 1)])
        let image = try builder.open()
        let directory = try image.directory(image.inode(image.root))
        #expect(throws: ImageError.self) { try directory.names() }
        #expect(try directory.find(String(repeating: "x", count: 256)) == nil)
    }

    @Test func asksForContentThatIsElsewhere() throws {
        var builder = ImageBuilder.smallTree()
        builder.put(.init(format: 8, mode: 0o040755, size: 20), at: 50 * 32)
        builder.put(.init(format: 0, mode: 0o040755, size: 20, union: 0xFFFF_FFFF), at: 52 * 32)
        let image = try builder.open()
        let inode = try image.inode(NodeID(rawValue: 50))
        #expect(throws: ImageError.needsContent(inode.nid)) { try image.directory(inode) }
        let hole = try image.inode(NodeID(rawValue: 52))
        #expect(throws: ImageError.self) { try image.directory(hole) }
        #expect(throws: ImageError.self) { try image.directory(image.inode(NodeID(rawValue: 44))) }
        let content = ImageBuilder.directoryBlock([("z", 9, 1)])
        let short = Directory(inode, content: .copying(content), blockBits: 12)
        #expect(throws: ImageError.outOfBounds(offset: 0, count: 20, size: 13)) { try short.find("z") }
    }
}
