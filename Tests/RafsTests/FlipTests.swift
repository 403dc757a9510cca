// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Testing

@testable import Rafs

/// One changed byte anywhere: an error or the right bytes, never other bytes and never a crash.
@Suite struct FlipTests {
    private static let rounds = 1000

    /// What a thousand flips came to.
    private struct Outcome {
        var refused = 0
        var unharmed = 0
        var wrong = 0
    }

    @Test("Flips in a bootstrap's tables", arguments: ["lz4", "chunkdict", "zran", "tarfs"])
    func bootstrap(name: String) async throws {
        let fixture = try Fixture(name)
        let image = try fixture.image()
        let superblock = image.bootstrap.superblock
        var places = Array(1024..<1408 + 128 * image.bootstrap.blobs.count)
        places += superblock.blobTable.map(Int.init) + superblock.chunkTable.map(Int.init)
        var outcome = Outcome()
        var seed = Seed(1)
        for _ in 0..<Self.rounds {
            var broken = fixture
            let place = places[Int(seed.below(UInt64(places.count)))]
            broken.bootstrap[place] ^= UInt8(1 + seed.below(255))
            await check(broken, Fixture.blobs, &outcome)
        }
        #expect(outcome.wrong == 0)
        #expect(outcome.refused > 0)
    }

    @Test(
        "Flips in a blob's chunk info, header and tables", arguments: ["lz4", "gzip", "layered", "chunkdict", "zran"])
    func tables(name: String) async throws {
        let fixture = try Fixture(name)
        let entry = try #require(try fixture.image().bootstrap.blobs.last)
        let blob = entry.metaBlob ?? entry.id
        let bytes = try #require(Fixture.blobs[blob])
        let outcome = await flips(in: Int(entry.chunkInfoOffset)..<bytes.count, of: blob, fixture, seed: 2)
        #expect(outcome.wrong == 0)
        #expect(outcome.refused > 0)
    }

    @Test("Flips in a blob's chunks", arguments: ["lz4", "zran", "gzip", "chunkdict"])
    func chunks(name: String) async throws {
        let fixture = try Fixture(name)
        let entry = try #require(try fixture.image().bootstrap.blobs.first)
        let outcome = await flips(in: 0..<Int(entry.dataSize), of: entry.id, fixture, seed: 3)
        #expect(outcome.wrong == 0)
        #expect(outcome.refused > 0)
    }

    @Test("Flips anywhere in a blob of batches or of encrypted chunks", arguments: ["batch", "encrypted", "encbatch"])
    func wholeBlobs(name: String) async throws {
        let fixture = try Fixture(name)
        let blob = fixture.cookies[0].blob
        let bytes = try #require(Fixture.blobs[blob])
        let outcome = await flips(in: 0..<bytes.count, of: blob, fixture, seed: 4)
        #expect(outcome.wrong == 0)
        #expect(outcome.refused > 0)
    }

    private func flips(in range: Range<Int>, of blob: String, _ fixture: Fixture, seed: UInt64) async -> Outcome {
        var outcome = Outcome()
        var seed = Seed(seed)
        for _ in 0..<Self.rounds {
            var blobs = Fixture.blobs
            let place = range.lowerBound + Int(seed.below(UInt64(range.count)))
            blobs[blob]?[place] ^= UInt8(1 + seed.below(255))
            await check(fixture, blobs, &outcome)
        }
        return outcome
    }

    /// Reads a part of every cookie.
    private func check(_ fixture: Fixture, _ blobs: [String: [UInt8]], _ outcome: inout Outcome) async {
        do {
            let remote = MemoryRemote(blobs)
            let sources = try fixture.image().blobSources(from: remote, ownBlob: fixture.ownBlob)
            guard sources.count == fixture.cookies.count else {
                outcome.refused += 1
                return
            }
            for (blob, cookie) in zip(sources, fixture.cookies) {
                try await check(blob, cookie)
            }
            outcome.unharmed += 1
        } catch is WrongBytes {
            outcome.wrong += 1
        } catch {
            outcome.refused += 1
        }
    }

    private func check(_ blob: RafsBlob, _ cookie: Fixture.Cookie) async throws {
        let identity = try await blob.source.identity()
        let bytes = try await blob.source.bytes(0..<min(cookie.size, identity.size), of: identity)
        guard blob.name == cookie.blob, identity.size == cookie.size, sha256(bytes) == cookie.digest else {
            throw WrongBytes()
        }
    }

    private struct WrongBytes: Error {}
}
