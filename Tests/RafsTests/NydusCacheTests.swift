// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import TestSupport
import Testing

@testable import Rafs

/// Taking over what nydusd cached.
@Suite struct NydusCacheTests {
    /// A cache directory with the whole cookie, and a map that calls `ready` ready.
    private func cache(_ fixture: Fixture, ready: (Int) -> Bool) async throws -> (TemporaryDirectory, RafsBlob, [UInt8])
    {
        let blob = try #require(try fixture.image().blobSources(from: MemoryRemote(Fixture.blobs)).first)
        let cookie = try await blob.source.bytes(0..<blob.size, of: try await blob.source.identity())
        let directory = try TemporaryDirectory()
        var map = [UInt8](repeating: 0, count: 4096 + (blob.entry.chunkCount + 7) / 8)
        map.replaceSubrange(0..<12, with: [0x50, 0x41, 0x4D, 0x42, 1, 0, 0, 0, 0x50, 0x41, 0x4D, 0x43])
        for chunk in 0..<blob.entry.chunkCount where ready(chunk) { map[4096 + chunk / 8] |= 0x80 >> UInt8(chunk % 8) }
        try write(cookie, to: directory.path("\(blob.name).blob.data"))
        try write(map, to: directory.path("\(blob.name).blob.data.chunk_map"))
        try write(fixture.file("\(blob.name).blob.meta"), to: directory.path("\(blob.name).blob.meta"))
        return (directory, blob, cookie)
    }

    @Test("Ready chunks are handed over, others are not")
    func adopts() async throws {
        let fixture = try Fixture("zstd")
        let (directory, blob, cookie) = try await cache(fixture) { $0 % 2 == 0 }
        var seen: [UInt64: [UInt8]] = [:]
        let report = try NydusCache(directory: directory.path).adopt(blob, of: try fixture.image()) { offset, bytes in
            seen[offset] = Array(bytes)
            return true
        }
        #expect(report.adopted == 11)
        #expect(report.refused == 0)
        for (offset, bytes) in seen { #expect(bytes.elementsEqual(cookie[Int(offset)..<Int(offset) + bytes.count])) }
    }

    @Test("Chunks whose bytes are wrong are not handed over")
    func refusesDamage() async throws {
        let fixture = try Fixture("zstd")
        var (directory, blob, cookie) = try await cache(fixture) { _ in true }
        cookie[0] ^= 1
        try write(cookie.prefix(100_000), to: directory.path("\(blob.name).blob.data"))
        let report = try NydusCache(directory: directory.path).adopt(blob, of: try fixture.image()) { _, _ in true }
        #expect(report.refused > 1)
        #expect(report.adopted + report.refused == 22)
    }

    @Test("A map of another size or form is refused")
    func badMap() throws {
        #expect(throws: RafsError.self) { try ChunkMap([], count: 1) }
        #expect(throws: RafsError.self) { try ChunkMap([UInt8](repeating: 0, count: 4097), count: 1) }
    }
}
