// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Digests
import Glibc
import Testing

@testable import Rafs

/// One changed byte in a blob's tables after they were decoded: as if whoever changed it had made the compression and the
/// digests of the sections fit.
@Suite struct PlainFlipTests {
    /// A decoded table of a blob.
    enum Table: CaseIterable, Sendable {
        case entries, contexts, header, digests
    }

    @Test(
        "No changed byte of a table makes a wrong byte of the cookie",
        arguments: ["zstd", "lz4", "none", "gzip", "batch", "encrypted", "encbatch", "zran"], Table.allCases)
    func flips(name: String, table: Table) async throws {
        let blob = try await DecodedBlob(name)
        let places = blob.places(of: table)
        guard !places.isEmpty else { return }
        var seed = Seed(5)
        var refused = 0
        for _ in 0..<Flips.rounds {
            let place = places.lowerBound + Int(seed.below(UInt64(places.count)))
            var broken = blob
            broken.change(table, place, UInt8(1 + seed.below(255)))
            do throws(RafsError) {
                try broken.deliverAll { range, bytes in
                    #expect(
                        bytes.elementsEqual(blob.cookie[Int(range.lowerBound)..<Int(range.upperBound)]),
                        "\(table) byte \(place)")
                }
            } catch {
                refused += 1
            }
        }
        #expect(refused > 0)
    }
}

/// How many seeded flips are made in each structure of each image.
enum Flips {
    static let rounds = getenv("SWIFT_EROFS_FUSE_FLIPS").flatMap { Int(String(cString: $0)) } ?? 60
}

/// The first blob of an image with its tables decoded, but nothing made of them yet.
private struct DecodedBlob: Sendable {
    let image: RafsImage
    let entry: BlobEntry
    let data: [UInt8]
    let cookie: [UInt8]
    private var plain: [UInt8]
    private var header: [UInt8]
    private var digests: [UInt8]?

    init(_ name: String) async throws {
        let fixture = try Fixture(name)
        image = try fixture.image()
        entry = image.bootstrap.blobs[0]
        data = try #require(Fixture.blobs[entry.id])
        let info = try #require(Fixture.blobs[entry.metaBlob ?? entry.id])
        let start = Int(entry.chunkInfoOffset)
        let end = start + entry.chunkInfoCompressedSize + ChunkInfoHeader.byteCount
        plain = try ChunkInfoSection(Array(info[start..<end]), for: entry, nil).plain
        let head = Array(info[end - ChunkInfoHeader.byteCount..<end])
        header = try entry.cipher?.decrypt(head, .chunkInfoHeader) ?? head
        if entry.features.contains(.inlinedChunkDigest) {
            let section = try #require(try TableOfContents(tail: info.suffix(4096)).section("blob.digest"))
            digests = Array(info[Int(section.remote.lowerBound)..<Int(section.remote.upperBound)])
        }
        let source = try #require(try image.blobSources(from: MemoryRemote(Fixture.blobs)).first?.source)
        cookie = try await source.bytes(0..<entry.uncompressedSize, of: try await source.identity())
        try #require(sha256(cookie) == fixture.cookies[0].digest)
    }

    /// The bytes of a table that mean something.
    func places(of table: PlainFlipTests.Table) -> Range<Int> {
        let entries = entry.chunkCount * ChunkInfoArray.byteCount(entry.features)
        switch table {
        case .entries: return 0..<entries
        case .contexts: return entries..<plain.count
        case .header: return 0..<60
        case .digests: return 0..<(digests?.count ?? 0)
        }
    }

    mutating func change(_ table: PlainFlipTests.Table, _ place: Int, _ mask: UInt8) {
        switch table {
        case .entries, .contexts: plain[place] ^= mask
        case .header: header[place] ^= mask
        case .digests: digests?[place] ^= mask
        }
    }

    /// Makes a unit table of it, and decodes the whole cookie in pieces; what is refused ends it.
    func deliverAll(into sink: (Range<UInt64>, UnsafeRawBufferPointer) -> Void) throws(RafsError) {
        let header = try ChunkInfoHeader(header, for: entry)
        let table = try UnitTable(
            entry, plain: plain, header: header, digests: digests, table: image.bootstrap.chunkTable)
        let delivery = UnitDelivery(table: table, wanted: 0..<entry.uncompressedSize)
        let decoder = ChunkDecoder()
        var position: UInt64 = 0
        for unit in try table.units(covering: delivery.wanted) {
            let remote = data[Int(unit.remote.lowerBound)..<Int(unit.remote.upperBound)]
            let result: Result<Void, DeliveryError<Never>> = remote.withUnsafeBytes { remote in
                do throws(DeliveryError<Never>) {
                    try delivery.deliver(unit, from: remote, with: decoder) { (bytes) throws(Never) in
                        sink(position..<position + UInt64(bytes.count), bytes)
                        position += UInt64(bytes.count)
                    }
                    return .success(())
                } catch {
                    return .failure(error)
                }
            }
            if case .failure(.rafs(let error)) = result { throw error }
        }
    }
}
