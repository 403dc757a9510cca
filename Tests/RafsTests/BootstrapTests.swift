// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import EROFS
import Testing

@testable import Rafs

/// The tables of a bootstrap.
@Suite struct BootstrapTests {
    @Test("The superblocks, the blob table and the prefetch table are read")
    func facts() throws {
        let image = try Fixture("zstd").image()
        let superblock = image.bootstrap.superblock
        #expect(superblock.blockBits == 12)
        #expect(superblock.rootNID == 128)
        #expect(superblock.chunkSize == 0x4000)
        #expect(superblock.flags.isSuperset(of: [.compressionZstd, .hashBLAKE3, .inlinedChunkDigest]))
        #expect(image.bootstrap.prefetch.count == 2)
        let blob = try #require(image.bootstrap.blobs.first)
        #expect(blob.chunkCount == 22)
        #expect(blob.codec == .zstd)
        #expect(blob.digestAlgorithm == .blake3)
        #expect(blob.uncompressedSize == 139264)
        #expect(blob.features.names.contains("HAS_TOC"))
    }

    @Test("Plain EROFS and short files are no RAFS images")
    func notRafs() throws {
        #expect(try !RafsImage.isRafs(.copying([UInt8](repeating: 0, count: 100))))
        var bytes = try Fixture("zstd").bootstrap
        #expect(try RafsImage.isRafs(.copying(bytes)))
        bytes[1024 + 11] = 0
        #expect(try !RafsImage.isRafs(.copying(bytes)))
        #expect(throws: RafsError.notRafs) { try RafsImage(.copying(bytes)) }
    }

    @Test("A slot that names another blob is refused")
    func slots() throws {
        var bytes = try Fixture("zstd").bootstrap
        bytes[1408] ^= 1
        #expect(throws: RafsError.damaged(.deviceTable, field: "tag of slot", value: 0)) {
            try RafsImage(.copying(bytes))
        }
    }

    @Test("An id that is no plain name is refused")
    func badName() throws {
        let fixture = try Fixture("zstd")
        var bytes = fixture.bootstrap
        let table = Int(try fixture.image().bootstrap.superblock.blobTable.lowerBound)
        bytes.replaceSubrange(table..<table + 3, with: Array("../".utf8))
        #expect(throws: RafsError.self) { try RafsImage(.copying(bytes)) }
    }

    @Test("Bytes that have not arrived are asked for")
    func partlyFetched() throws {
        let bytes = try Fixture("zstd").bootstrap
        let nothing = Absent()
        #expect(throws: RafsError.notResident(offset: 1024, count: 384)) {
            try RafsImage(.copying(bytes, residency: nothing))
        }
    }

    private final class Absent: Residency {
        func isResident(offset: UInt64, count: Int) -> Bool { false }
    }
}
