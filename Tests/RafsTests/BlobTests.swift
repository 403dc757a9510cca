// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Fscache
import Primitives
import TestSupport
import Testing

@testable import Rafs

/// RAFS blobs with the fetch engine and the cache.
@Suite struct BlobTests {
    /// Opens an image's first blob as a mount would, with a cache in `directory`.
    private func firstDevice(
        of fixture: Fixture, in directory: TemporaryDirectory, from remote: MemoryRemote
    ) throws -> RafsDevice {
        let volume = try Cache(directory: directory.path("cache")).volume("erofs,test")
        return try #require(
            try fixture.image().devices(in: volume, from: [remote], settings: FetchSettings()).first)
    }

    @Test(
        "What the engine fetches lies in the cookie, and is fetched once",
        arguments: ["zstd", "batch", "zran", "tarfs"])
    func throughTheCache(name: String) async throws {
        let fixture = try Fixture(name)
        let directory = try TemporaryDirectory()
        let remote = MemoryRemote(Fixture.blobs)
        let blob = try firstDevice(of: fixture, in: directory, from: remote).blob
        #expect(blob.size == fixture.cookies[0].size)
        #expect(remote.reads.withLock { $0.isEmpty })
        for _ in 0..<2 {
            for offset in stride(from: 0, to: blob.size, by: 10_000) {
                try await ensure(offset..<min(offset + 10_000, blob.size), blob)
            }
        }
        #expect(sha256(try contents(blob)) == fixture.cookies[0].digest)
        let reads = remote.reads.withLock { $0.count }
        try await ensure(0..<blob.size, blob)
        #expect(remote.reads.withLock { $0.count } == reads)
    }

    @Test(
        "Another mount finds the tables in the cache",
        arguments: ["zstd", "batch", "zran", "encrypted", "gzip", "lz4"])
    func keptTables(name: String) async throws {
        let fixture = try Fixture(name)
        let directory = try TemporaryDirectory()
        func mount(_ remote: MemoryRemote) throws -> RafsDevice {
            try firstDevice(of: fixture, in: directory, from: remote)
        }
        let first = MemoryRemote(Fixture.blobs)
        try await ensure(0..<4096, try mount(first).blob)
        #expect(first.reads.withLock { $0.count } > 1)

        let second = MemoryRemote([fixture.cookies[0].blob: [], try mount(first).entry.metaBlob ?? "": []])
        let device = try mount(second)
        let table = try await #require(device.units.first).loadedTable()
        #expect(try !table.units(covering: 0..<1).isEmpty)
        try await ensure(0..<4096, device.blob)
        #expect(second.reads.withLock { $0.isEmpty })
        #expect(device.blob.movedBytes == 0)
    }

    @Test("Tables that the disk has spoiled are fetched and kept anew")
    func spoiledTables() async throws {
        let fixture = try Fixture("zran")
        let directory = try TemporaryDirectory()
        for round in 0..<3 {
            let remote = MemoryRemote(Fixture.blobs)
            let device = try firstDevice(of: fixture, in: directory, from: remote)
            _ = try await #require(device.units.first).loadedTable()
            #expect(remote.reads.withLock { $0.isEmpty } == (round == 2))
            guard round == 0 else { continue }
            let object = try #require(
                try runToSuccess(["find", directory.path, "-name", "D*.tables"]).lines.first)
            var content = try bytes(ofFile: object)
            content[100] ^= 1
            try write(content, to: object)
        }
    }

    @Test("What is moved is counted packed, with the tables", arguments: ["zstd", "zran", "none"])
    func movedBytes(name: String) async throws {
        let fixture = try Fixture(name)
        let directory = try TemporaryDirectory()
        let remote = MemoryRemote(Fixture.blobs)
        let blob = try firstDevice(of: fixture, in: directory, from: remote).blob
        #expect(blob.movedBytes == 0)
        try await ensure(0..<blob.size, blob)
        let moved = remote.reads.withLock { $0.reduce(0) { $0 + UInt64($1.count) } }
        #expect(blob.movedBytes == moved)
        #expect(blob.statistics.snapshot.bytes == blob.size)
    }

    @Test("A document of tables is taken apart as it was put together, and nothing else is")
    func documents() throws {
        for tables in [
            BlobTables(contents: nil, info: [1, 2, 3], digests: nil),
            BlobTables(contents: [], info: [], digests: [7]),
            BlobTables(contents: [5, 6], info: [1], digests: [8, 9]),
        ] {
            let document = tables.document
            #expect(BlobTables(document: document) == tables)
            #expect(BlobTables(document: document + [0]) == nil)
            #expect(BlobTables(document: Array(document.dropLast())) == nil)
        }
        for byte in [UInt8(0), 0x7F, 0xFE, 0xFF] {
            let found = BlobTables(document: [UInt8](repeating: byte, count: 24))
            #expect(found == (byte == 0 ? BlobTables(contents: [], digests: []) : nil))
        }
    }

    @Test("Offline, without a remote, the cookie's size is known and missing bytes are refused")
    func offline() async throws {
        let directory = try TemporaryDirectory()
        let volume = try Cache(directory: directory.path("cache")).volume("erofs,test")
        var settings = FetchSettings()
        settings.isOffline = true
        let devices = try Fixture("zstd").image().devices(in: volume, from: [], settings: settings)
        let blob = try #require(devices.first?.blob)
        #expect(blob.size == 139264)
        await #expect(throws: FetchError.self) { try await ensure(0..<1, blob) }
    }

    private func ensure(_ range: Range<UInt64>, _ blob: Blob) async throws {
        let error: FetchError? = await withCheckedContinuation { continuation in
            let ticket = blob.ensure(range) { continuation.resume(returning: $0) }
            if ticket == nil { continuation.resume(returning: nil) }
        }
        if let error { throw error }
    }

    private func contents(_ blob: Blob) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(blob.size))
        var offset = 0
        while offset < bytes.count {
            offset += try bytes.withUnsafeMutableBytes { buffer in
                try blob.read(
                    into: UnsafeMutableRawBufferPointer(rebasing: buffer[offset...]), at: UInt64(offset), waiting: true)
            }
        }
        return bytes
    }
}
