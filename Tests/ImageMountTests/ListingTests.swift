// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import FUSE
import Testing

@testable import ImageMount

@Suite(.serialized) struct ListingTests {
    /// One entry of READDIRPLUS: the node it gives, and the name.
    private struct Entry: Equatable {
        let node: UInt64
        let name: String
        let cookie: UInt64
    }

    private func entries(_ payload: [UInt8], plus: Bool) -> [Entry] {
        var result: [Entry] = []
        var start = 0
        while start < payload.count {
            let dirent = start + (plus ? 128 : 0)
            let length = Int(payload.load(dirent + 16, as: UInt32.self))
            let name = String(decoding: payload[(dirent + 24)..<(dirent + 24 + length)], as: UTF8.self)
            let node = plus ? payload.load(start, as: UInt64.self) : 0
            result.append(Entry(node: node, name: name, cookie: payload.load(dirent + 8, as: UInt64.self)))
            start = dirent + (24 + length + 7) & ~7
        }
        return result
    }

    private let names = [".", "..", "bad", "big", "file", "link", "sub"]

    @Test(arguments: [Opcode.readdir, .readdirplus]) func pagesOfAnySizeGiveEveryNameOnce(_ opcode: Opcode) throws {
        let server = try Server()
        for size in stride(from: 160, through: 1200, by: 52) {
            var seen: [String] = []
            var cookie: UInt64 = 0
            while seen.count <= names.count {
                let answer = server.settle(opcode, node: 1, Server.range(cookie, UInt32(size))).payload
                #expect(answer.count <= size)
                let page = entries(answer, plus: opcode == .readdirplus)
                guard let last = page.last else { break }
                seen += page.map(\.name)
                cookie = last.cookie
            }
            #expect(seen == names)
        }
    }

    @Test func attributesComeWithAllButDotsAndDamage() throws {
        let server = try Server()
        let page = entries(server.settle(.readdirplus, node: 1, Server.range(0, 4096)).payload, plus: true)
        let expected = [0, 0, 0, TinyImage.big + 1, TinyImage.file + 1, TinyImage.link + 1, TinyImage.sub + 1]
        #expect(page.map(\.node) == expected)
    }

    @Test func filesHaveAttributesOnceSomebodyLooksAtThem() throws {
        let server = try Server(adaptive: true)
        func nodes() -> [UInt64] {
            entries(server.settle(.readdirplus, node: 1, Server.range(0, 4096)).payload, plus: true).map(\.node)
        }
        #expect(nodes()[4] == TinyImage.file + 1)
        server.listing.listed(.init(rawValue: TinyImage.root), includingFiles: true, files: ListingMode.firstCredit)
        #expect(nodes() == [0, 0, 0, 0, 0, 0, TinyImage.sub + 1])
        _ = server.lookUp("sub")
        #expect(nodes() == [0, 0, 0, 0, 0, 0, TinyImage.sub + 1])
        _ = server.lookUp("file")
        #expect(nodes()[4] == TinyImage.file + 1)
    }

    @Test func creditIsUsedUp() {
        let mode = ListingMode(adaptive: true)
        let directory = NodeID(rawValue: TinyImage.root)
        let other = NodeID(rawValue: TinyImage.root + 1)
        #expect(mode.includesFiles(directory, from: 0))
        mode.listed(directory, includingFiles: true, files: ListingMode.firstCredit)
        #expect(!mode.includesFiles(directory, from: 0))
        mode.lookedUpFile(in: directory)
        #expect(mode.includesFiles(directory, from: 0))
        mode.listed(directory, includingFiles: true, files: ListingMode.filesPerLookup)
        #expect(!mode.includesFiles(directory, from: 0))
        mode.lookedUpFile(in: other)
        #expect(!mode.includesFiles(directory, from: 0))
    }

    @Test func aDirectoryIsListedToItsEndAsItWasBegun() {
        let mode = ListingMode(adaptive: true)
        let long = NodeID(rawValue: TinyImage.root)
        mode.listed(long, includingFiles: true, files: ListingMode.firstCredit)
        #expect(mode.includesFiles(long, from: 9))
        #expect(!mode.includesFiles(long, from: 0))
        mode.listed(long, includingFiles: false, files: 0)
        mode.lookedUpFile(in: long)
        #expect(!mode.includesFiles(long, from: 9))
        #expect(mode.includesFiles(long, from: 0))
    }
}
