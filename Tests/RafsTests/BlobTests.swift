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
    @Test(
        "What the engine fetches lies in the cookie, and is fetched once",
        arguments: ["zstd", "batch", "zran", "tarfs"])
    func throughTheCache(name: String) async throws {
        let fixture = try Fixture(name)
        let directory = try TemporaryDirectory()
        let volume = try Cache(directory: directory.path("cache")).volume("erofs,test")
        let remote = MemoryRemote(Fixture.blobs)
        let blob = try #require(
            try fixture.image().devices(in: volume, from: [remote], settings: FetchSettings()).first?.blob)
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
