// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
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

    @Test("The facts of chunks name their places and digests")
    func facts() async throws {
        let table = try await table("zstd")
        let facts = try #require(table.facts(in: 5000..<5001).first)
        #expect(facts.range.lowerBound <= 5000)
        #expect(facts.digest == table.digest(of: facts.index))
        #expect(facts.remote?.count == table.entry(facts.index)?.remoteSize)
        let all = table.facts(in: 0..<table.blob.uncompressedSize)
        #expect(all.map(\.index) == Array(0..<table.chunkCount))
        #expect(table.facts(in: 0..<table.blob.uncompressedSize, limit: 2).count == 2)
        #expect(table.facts(in: table.blob.uncompressedSize..<table.blob.uncompressedSize + 1).isEmpty)
        #expect(table.facts(in: .max - 1..<(.max)).isEmpty)
    }

    @Test("The image's own table knows the same of chunks that stand alone", arguments: ["zstd", "lz4", "encrypted"])
    func ownFacts(name: String) async throws {
        let table = try await table(name)
        let image = try Fixture(name).image()
        let range = 0..<table.blob.uncompressedSize
        let known = Dictionary(uniqueKeysWithValues: table.facts(in: range).map { ($0.index, $0) })
        let own = try image.bootstrap.facts(of: image.bootstrap.blobs[0])
        #expect(!own.isEmpty && own.allSatisfy { known[$0.index] == $0 })
        #expect(own.count <= image.bootstrap.chunkTableCount)
    }

    @Test("A batch of tiny chunks is cut where too much of the cookie would be fetched at once")
    func longUnitsAreCut() throws {
        let count = 5000
        let table = try Self.batch(of: count)
        let end = UInt64(count * 4096)
        #expect(try table.units(covering: 0..<end).map(\.range) == [0..<16 << 20, 16 << 20..<end])
        #expect(try table.units(covering: 17 << 20..<17 << 20 + 1).map(\.range) == [16 << 20..<end])
        #expect(table.widened(4096..<4097) == 0..<16 << 20)
    }

    @Test("The cuts are where they are, wherever the run begins, so that nobody has to look for its beginning")
    func cutsDoNotMove() throws {
        let table = try Self.batch(of: 9000, from: 3)
        let (start, end) = (UInt64(3 * 4096), UInt64(9003 * 4096))
        let ranges = [start..<16 << 20, 16 << 20..<32 << 20, 32 << 20..<end]
        #expect(try table.units(covering: start..<end).map(\.range) == ranges)
        for range in ranges {
            for offset in [range.lowerBound, range.lowerBound + 8 << 12, range.upperBound - 1] {
                #expect(table.widened(offset..<offset + 1) == range)
            }
        }
    }

    @Test("A batch that is short enough stays whole, wherever it lies")
    func shortUnitsAreNotCut() throws {
        let table = try Self.batch(of: 4096, from: 100)
        let whole = UInt64(100 * 4096)..<UInt64(4196 * 4096)
        #expect(table.widened(whole.lowerBound..<whole.lowerBound + 1) == whole)
        #expect(table.widened(whole.upperBound - 1..<whole.upperBound) == whole)
        #expect(try Self.batch(of: 4097, from: 100).units(covering: whole).count == 2)
    }

    @Test("A header cannot claim more entries than the array has room for, whoever made the blob")
    func claimedEntries() throws {
        let claim = RafsError.damaged(.chunkInfoHeader, field: "ci_entries", value: 1 << 31)
        #expect(throws: claim) { _ = try Self.batch(of: 10, claiming: 1 << 31) }
        #expect(try Self.batch(of: 10, claiming: 9).chunkCount == 9)
    }

    /// A blob with one batch of chunks of one byte, each in a block of its own, from block `first` of the cookie on.
    ///
    /// - Parameter claim: How many chunks the header says that there are, of a generated dictionary.
    private static func batch(of count: Int, from first: Int = 0, claiming claim: UInt64? = nil) throws -> UnitTable {
        var plain: [UInt8] = []
        for index in 0..<UInt64(count) { plain += bytes(5 << 56 | UInt64(first) + index) + bytes(0) + bytes(index) }
        plain += bytes(100 | UInt64(count) << 32) + [UInt8](repeating: 0, count: 32)
        let size = UInt64(plain.count)
        var entry = [UInt8](repeating: UInt8(ascii: "a"), count: 64)
        entry += bytes(0x10000 << 32) + bytes(UInt64(count) | 3 << 32)
        let features: BlobFeatures = [.aligned, .batch, .chunkInfoV2]
        entry += bytes(UInt64((claim == nil ? features : features.union(.generatedDictionary)).rawValue) << 32)
        entry += bytes(1000) + bytes(UInt64(first + count) * 4096) + bytes(0) + bytes(100) + bytes(size) + bytes(size)
        entry += [UInt8](repeating: 0, count: 256 - entry.count)
        let blob = try BlobEntry(entry, index: 0)
        let magic: UInt64 = 0xB10B_B10B
        var header = bytes(magic | UInt64(blob.features.rawValue) << 32) + bytes((claim ?? UInt64(count)) << 32)
        header += bytes(100) + bytes(size) + bytes(size) + bytes(UInt64(count) * 24) + bytes(40) + bytes(1)
        header += [UInt8](repeating: 0, count: 4092 - header.count) + bytes(magic).prefix(4)
        return try UnitTable(
            blob, plain: plain, header: ChunkInfoHeader(header, for: blob), digests: nil,
            table: ChunkTable(image: .copying([]), range: 0..<0, blobCount: 1))
    }

    private static func bytes(_ word: UInt64) -> [UInt8] { withUnsafeBytes(of: word.littleEndian) { Array($0) } }

    @Test("Neighbouring units are fetched in one run, distant ones are not")
    func runs() {
        func unit(_ remote: Range<UInt64>) -> Unit { Unit(chunks: 0..<1, range: 0..<4096, remote: remote, size: 4096) }
        let runs = UnitRead.runs([unit(0..<100), unit(100..<200), unit(150..<300), unit(5_000_000..<5_000_100)])
        #expect(runs.map(\.remote) == [0..<300, 5_000_000..<5_000_100])
        #expect(UnitRead.runs([unit(100..<200), unit(0..<100)]).count == 2)
    }
}
