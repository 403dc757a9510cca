// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import Testing

@Suite struct DigestTests {
    private let hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

    @Test func readsRegistryAndBareForms() throws {
        let digest = try #require(Digest("sha256:\(hello)"))
        #expect(digest == Digest(hello))
        #expect(digest.description == "sha256:\(hello)")
        #expect(digest.hex == hello)
        #expect(Digest(digest.algorithm, bytes: digest.bytes) == digest)
        #expect(Digest(hello, bare: .blake3)?.description == "blake3:\(hello)")
    }

    @Test func refusesOtherSpellings() {
        #expect(Digest(hello.uppercased()) == nil)
        #expect(Digest("sha256:\(hello)0") == nil)
        #expect(Digest("sha256:\(hello.dropLast())") == nil)
        #expect(Digest("md5:\(hello)") == nil)
        #expect(Digest("sha256:" + String(repeating: "g", count: 64)) == nil)
        #expect(Digest("") == nil)
        #expect(Digest(.sha256, bytes: [1, 2, 3]) == nil)
    }

    @Test func algorithmsAreNotMixedUp() {
        #expect(Digest(hello) != Digest(hello, bare: .blake3))
    }

    @Test func sha256OfKnownTexts() {
        #expect(digest("hello").hex == hello)
        #expect(digest("").hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(digest("abc").hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func piecesGiveTheSameDigestAsTheWhole() {
        let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        for algorithm in Digest.Algorithm.allCases {
            let whole = bytes.withUnsafeBytes { Digest(algorithm, of: $0) }
            var stream = DigestStream(algorithm)
            bytes.withUnsafeBytes { raw in
                stream.update(UnsafeRawBufferPointer(rebasing: raw[..<1]))
                stream.update(UnsafeRawBufferPointer(rebasing: raw[1..<1]))
                stream.update(UnsafeRawBufferPointer(rebasing: raw[1..<3000]))
                stream.update(UnsafeRawBufferPointer(rebasing: raw[3000...]))
            }
            #expect(stream.finish() == whole)
        }
    }

    @Test func hexadecimalRoundTrip() {
        #expect(Hexadecimal.text(of: [0, 15, 16, 255] as [UInt8]) == "000f10ff")
        #expect(Hexadecimal.bytes(of: "000f10ff") == [0, 15, 16, 255])
        #expect(Hexadecimal.bytes(of: "0") == nil)
        #expect(Hexadecimal.bytes(of: "0F") == nil)
        #expect(Hexadecimal.bytes(of: "") == [])
    }

    private func digest(_ text: String) -> Digest {
        Array(text.utf8).withUnsafeBytes { Digest(.sha256, of: $0) }
    }
}
