// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Digests

/// One digester for many pieces.
@Suite struct DigesterTests {
    @Test("Each digest is that of its piece alone", arguments: Digest.Algorithm.allCases)
    func pieces(algorithm: Digest.Algorithm) {
        let digester = Digester()
        for count in [0, 1, 64, 3800, 0, 4096, 65537, 1] {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            bytes.withUnsafeBytes { raw in
                #expect(digester.digest(algorithm, of: raw) == Digest(algorithm, of: raw), "\(count) bytes")
            }
        }
    }

    @Test func anEmptyPieceHasTheKnownDigest() {
        let digester = Digester()
        let abc = Array("abc".utf8).withUnsafeBytes { digester.digest(.sha256, of: $0) }
        #expect(abc.hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        let empty = digester.digest(.sha256, of: UnsafeRawBufferPointer(start: nil, count: 0))
        #expect(empty.hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }
}
