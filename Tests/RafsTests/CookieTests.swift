// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Primitives
import Testing

@testable import Rafs

/// What ends up in the cookies.
@Suite struct CookieTests {
    @Test("A full cookie has the bytes the generator says", arguments: Fixture.names)
    func fullCookie(name: String) async throws {
        let fixture = try Fixture(name)
        let blobs = try fixture.image().blobSources(from: MemoryRemote(Fixture.blobs), ownBlob: fixture.ownBlob)
        #expect(blobs.map(\.name) == fixture.cookies.map(\.blob))
        for (blob, cookie) in zip(blobs, fixture.cookies) {
            let identity = try await blob.source.identity()
            #expect(identity.size == cookie.size)
            #expect(blob.size == cookie.size)
            let bytes = try await blob.source.bytes(0..<cookie.size, of: identity)
            #expect(sha256(bytes) == cookie.digest)
        }
    }

    @Test("Any range of a cookie has the same bytes as the whole", arguments: ["lz4", "batch", "zran", "encrypted"])
    func ranges(name: String) async throws {
        let fixture = try Fixture(name)
        let blob = try #require(try fixture.image().blobSources(from: MemoryRemote(Fixture.blobs)).first)
        let identity = try await blob.source.identity()
        let whole = try await blob.source.bytes(0..<blob.size, of: identity)
        var seed = Seed(7)
        for _ in 0..<40 {
            let start = seed.below(blob.size)
            let end = start + 1 + seed.below(min(blob.size - start, 20000))
            let part = try await blob.source.bytes(start..<min(end, blob.size), of: identity)
            #expect(part.elementsEqual(whole[Int(start)..<Int(min(end, blob.size))]))
        }
    }

    @Test("A range outside the cookie is refused")
    func outside() async throws {
        let blob = try #require(
            try Fixture("zstd").image().blobSources(from: MemoryRemote(Fixture.blobs)).first)
        let identity = try await blob.source.identity()
        await #expect(throws: FetchError.self) { try await blob.source.bytes(0..<blob.size + 1, of: identity) }
    }

    @Test("A read fetches the units that cover it and nothing else", arguments: ["zstd", "batch", "zran"])
    func fetchesOnlyWhatIsNeeded(name: String) async throws {
        let remote = MemoryRemote(Fixture.blobs)
        let blob = try #require(try Fixture(name).image().blobSources(from: remote).first)
        let identity = try await blob.source.identity()
        let table = try await #require(blob.units).loadedTable()
        let middle = blob.size / 2
        let unit = try #require(try table.units(covering: middle..<middle + 1).first)
        #expect(blob.source.unitRange(covering: middle..<middle + 1) == unit.range)
        remote.reads.withLock { $0 = [] }
        _ = try await blob.source.bytes(middle..<middle + 1, of: identity)
        #expect(remote.reads.withLock { $0 } == [unit.remote])
    }

    @Test("A failure to load the tables is not kept")
    func retriesLoading() async throws {
        let fixture = try Fixture("lz4")
        let remote = FailingOnceRemote(Fixture.blobs)
        let blob = try #require(try fixture.image().blobSources(from: remote).first)
        await #expect(throws: FetchError.self) { try await blob.source.identity() }
        let identity = try await blob.source.identity()
        #expect(sha256(try await blob.source.bytes(0..<blob.size, of: identity)) == fixture.cookies[0].digest)
    }

    @Test("Without the blob's name an inlined bootstrap cannot be mounted")
    func placeholder() throws {
        let image = try Fixture("inline").image()
        #expect(throws: FetchError.self) { try image.blobSources(from: MemoryRemote(Fixture.blobs)) }
    }

    @Test("The bootstrap is found inside an inlined-metadata blob")
    func inlineBootstrap() async throws {
        let fixture = try Fixture("inline")
        let source = try MemoryRemote(Fixture.blobs).source(for: fixture.cookies[0].blob)
        let result = await withCheckedContinuation { continuation in
            InlineBootstrap.fetch(from: source) { continuation.resume(returning: $0) }
        }
        #expect(try result.get() == fixture.bootstrap)
        let bootstrap = InlineBootstrapSource(source)
        let identity = try await bootstrap.identity()
        #expect(try await bootstrap.bytes(0..<identity.size, of: identity) == fixture.bootstrap)
        let part = try await bootstrap.bytes(1000..<1200, of: identity)
        #expect(part.elementsEqual(fixture.bootstrap[1000..<1200]))
        let other = BlobIdentity(size: identity.size + 1)
        await #expect(throws: FetchError.self) { try await bootstrap.bytes(0..<1, of: other) }
        let plain = try MemoryRemote(Fixture.blobs).source(for: try Fixture("zstd").cookies[0].blob)
        let none = await withCheckedContinuation { continuation in
            InlineBootstrap.fetch(from: plain) { continuation.resume(returning: $0) }
        }
        #expect(throws: FetchError.self) { try none.get() }
    }
}

extension UnitSource {
    /// The blob's unit table.
    func loadedTable() async throws -> UnitTable {
        try await withCheckedContinuation { continuation in table { continuation.resume(returning: $0) } }.get()
    }
}

/// A remote whose first source answers its first question with a failure.
private final class FailingOnceRemote: BlobRemote {
    let name = "failing"
    private let remote: MemoryRemote

    init(_ blobs: [String: [UInt8]]) { remote = MemoryRemote(blobs) }

    func source(for blob: String) throws(FetchError) -> any BlobSource {
        FailingOnceSource(try remote.source(for: blob))
    }
}
