// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Testing

@testable import Rafs

/// One changed byte anywhere: an error or the right bytes, never other bytes and never a crash.
@Suite struct FlipTests {
    /// What the flips came to.
    private struct Outcome {
        var refused = 0
        var unharmed = 0
        var wrong = 0
    }

    @Test("Flips in a bootstrap's tables", arguments: ["zstd", "lz4", "batch", "encrypted", "zran", "tarfs"])
    func bootstrap(name: String) async throws {
        let pristine = try await Pristine(name)
        let superblock = pristine.image.bootstrap.superblock
        var places = Array(1024..<1408 + 128 * pristine.image.bootstrap.blobs.count)
        places += superblock.blobTable.map(Int.init) + superblock.chunkTable.map(Int.init)
        var outcome = Outcome()
        var seed = Seed(1)
        for _ in 0..<Flips.rounds {
            var broken = pristine.fixture
            broken.bootstrap[places[Int(seed.below(UInt64(places.count)))]] ^= UInt8(1 + seed.below(255))
            await check(broken, Fixture.blobs, pristine, at: seed.below(pristine.size), &outcome)
        }
        #expect(outcome.wrong == 0)
        #expect(outcome.refused > 0)
    }

    @Test(
        "Flips in a blob's chunk info, header and tables",
        arguments: ["zstd", "lz4", "batch", "encrypted", "encbatch", "zran"])
    func tables(name: String) async throws {
        let pristine = try await Pristine(name)
        let entry = pristine.entry
        let size = try #require(Fixture.blobs[entry.metaBlob ?? entry.id]).count
        let outcome = await flips(in: Int(entry.chunkInfoOffset)..<size, of: entry.metaBlob ?? entry.id, pristine)
        #expect(outcome.wrong == 0)
        #expect(outcome.refused > 0)
    }

    @Test(
        "Flips in a blob's chunks",
        arguments: ["zstd", "lz4", "none", "zran", "gzip", "batch", "encrypted", "encbatch"])
    func chunks(name: String) async throws {
        let pristine = try await Pristine(name)
        let outcome = await flips(in: 0..<Int(pristine.entry.dataSize), of: pristine.entry.id, pristine)
        #expect(outcome.wrong == 0)
        #expect(outcome.refused > 0)
    }

    private func flips(in range: Range<Int>, of blob: String, _ pristine: Pristine) async -> Outcome {
        var outcome = Outcome()
        var seed = Seed(2)
        for _ in 0..<Flips.rounds {
            var blobs = Fixture.blobs
            let place = range.lowerBound + Int(seed.below(UInt64(range.count)))
            blobs[blob]?[place] ^= UInt8(1 + seed.below(255))
            let offset = pristine.offset(madeFrom: UInt64(place)) ?? seed.below(pristine.size)
            await check(pristine.fixture, blobs, pristine, at: offset, &outcome)
        }
        return outcome
    }

    /// Reads the block at `offset` of the first cookie.
    private func check(
        _ fixture: Fixture, _ blobs: [String: [UInt8]], _ pristine: Pristine, at offset: UInt64,
        _ outcome: inout Outcome
    ) async {
        do {
            let sources = try fixture.image().blobSources(from: MemoryRemote(blobs))
            let blob = try #require(sources.first)
            let identity = try await blob.source.identity()
            let start = offset / 512 * 512
            let range = start..<min(start + 4096, pristine.size)
            let bytes = try await blob.source.bytes(range, of: identity)
            let isRight =
                blob.name == pristine.entry.id && identity.size == pristine.size
                && bytes.elementsEqual(pristine.cookie[Int(range.lowerBound)..<Int(range.upperBound)])
            if isRight { outcome.unharmed += 1 } else { outcome.wrong += 1 }
        } catch {
            outcome.refused += 1
        }
    }
}

/// An image with its first cookie, before any flip.
private struct Pristine: Sendable {
    let fixture: Fixture
    let image: RafsImage
    let entry: BlobEntry
    let cookie: [UInt8]
    private let units: [Unit]
    var size: UInt64 { UInt64(cookie.count) }

    init(_ name: String) async throws {
        fixture = try Fixture(name)
        image = try fixture.image()
        let blob = try #require(try image.blobSources(from: MemoryRemote(Fixture.blobs)).first)
        entry = blob.entry
        cookie = try await blob.source.bytes(0..<blob.size, of: try await blob.source.identity())
        units = try await blob.units?.loadedTable().units(covering: 0..<blob.size) ?? []
        try #require(sha256(cookie) == fixture.cookies[0].digest)
    }

    /// Where the cookie has bytes that are made from the blob's byte at `place`.
    func offset(madeFrom place: UInt64) -> UInt64? {
        units.first { $0.remote.contains(place) }?.range.lowerBound
    }
}
