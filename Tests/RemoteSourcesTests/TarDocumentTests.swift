// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import RemoteSources

/// Single files out of archives, whole ones and such as nobody's tar has written.
@Suite struct TarDocumentTests {
    /// A member: its header with this text as its size, and its content in whole blocks.
    private func member(_ name: String, _ content: [UInt8], size: [UInt8]? = nil, kind: UInt8 = 0x30) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ bytes: [UInt8], at offset: Int) { block.replaceSubrange(offset..<offset + bytes.count, with: bytes) }
        put(Array(name.utf8), at: 0)
        put(size ?? Array(String(content.count, radix: 8).utf8), at: 124)
        put([kind], at: 156)
        put(Array("ustar".utf8), at: 257)
        return block + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    private let content = Array("hello".utf8)

    @Test func aMemberIsFoundBehindOthers() {
        let binary: [UInt8] = [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5]
        let archive =
            member("image", [], kind: 0x35) + member("./other", [UInt8](repeating: 1, count: 700))
            + member("image", content, size: binary)
        #expect(TarDocument(archive).file(named: "image") == content)
        #expect(TarDocument(archive).file(named: "other")?.count == 700)
        #expect(TarDocument(archive).file(named: "none") == nil)
    }

    @Test(
        "A size that is none ends the search",
        arguments: ["-5", "-1000", "+5", "-400000000", "9", "5x", "77777777777", "7777777777777777"])
    func oddSizes(size: String) {
        let odd = member("image", content, size: Array(size.utf8.prefix(12)))
        #expect(TarDocument(odd).file(named: "image") == nil)
        #expect(TarDocument(odd + member("other", content)).file(named: "other") == nil)
        #expect(TarDocument(member("first", content) + odd).file(named: "first") == content)
    }

    @Test func aNumberBeyondAllFilesEndsTheSearch() {
        let odd = member("image", content, size: [UInt8](repeating: 0xFF, count: 12))
        #expect(TarDocument(odd).file(named: "image") == nil)
    }

    @Test func aCutArchiveHasWhatIsWhole() {
        let archive = member("first", content) + member("second", content)
        #expect(TarDocument(Array(archive.dropLast(510))).file(named: "second") == nil)
        #expect(TarDocument(Array(archive.dropLast(600))).file(named: "first") == content)
    }
}
