// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Rafs

/// What a unit table knows.
@Suite struct UnitTableTests {
    private func table(_ name: String) async throws -> UnitTable {
        let blob = try #require(try Fixture(name).image().blobSources(from: MemoryRemote(Fixture.blobs)).first)
        return try await #require(blob.units).loadedTable()
    }

    @Test("Chunks lie one behind the other, and every chunk has its digest", arguments: ["zstd", "lz4", "zran"])
    func entries(name: String) async throws {
        let table = try await table(name)
        var end: UInt64 = 0
        for index in 0..<table.chunkCount {
            let chunk = try #require(table.entry(index))
            #expect(chunk.offset == end)
            #expect(table.digest(of: index) != nil)
            end = chunk.paddedEnd
        }
        #expect(end == table.blob.uncompressedSize)
        #expect(table.entry(table.chunkCount) == nil)
    }

    @Test("The members of a batch are one unit")
    func batches() async throws {
        let table = try await table("batch")
        let units = try table.units(covering: 0..<table.blob.uncompressedSize)
        #expect(units.contains { $0.chunks.count > 1 })
        #expect(units.map(\.chunks.count).reduce(0, +) == table.chunkCount)
    }

    @Test("What lies behind the last chunk is a gap")
    func gap() async throws {
        let table = try await table("zstd")
        let end = table.blob.uncompressedSize
        #expect(throws: RafsError.gap(offset: end)) { try table.units(covering: end - 1..<end + 1) }
        #expect(table.widened(end..<end + 1) == end..<end + 1)
    }

    @Test("The facts of a chunk name its place and its digest")
    func facts() async throws {
        let table = try await table("zstd")
        let facts = try #require(table.facts(at: 5000))
        #expect(facts.chunk.offset <= 5000)
        #expect(facts.unit.remote.count == facts.chunk.remoteSize)
        #expect(facts.digest == table.digest(of: facts.chunk.index))
        #expect(table.facts(at: table.blob.uncompressedSize) == nil)
        #expect(table.facts(at: .max) == nil)
    }

    @Test("Neighbouring units are fetched in one run, distant ones are not")
    func runs() {
        func unit(_ remote: Range<UInt64>) -> Unit { Unit(chunks: 0..<1, range: 0..<4096, remote: remote, size: 4096) }
        let runs = UnitRead.runs([unit(0..<100), unit(100..<200), unit(150..<300), unit(5_000_000..<5_000_100)])
        #expect(runs.map(\.remote) == [0..<300, 5_000_000..<5_000_100])
        #expect(UnitRead.runs([unit(100..<200), unit(0..<100)]).count == 2)
    }

    @Test("CRC32C has the value of the standard's check string")
    func crc() {
        let bytes = Array("123456789".utf8)
        #expect(bytes.withUnsafeBytes { CRC32C.value(of: $0) } == 0xE306_9283)
    }
}
