// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives
import TestSupport
import Testing

@testable import BlobFetch

/// How fast bytes may be asked for.
@Suite struct FetchRateTests {
    private func at(_ milliseconds: UInt64) -> MonotonicTime { MonotonicTime(nanoseconds: milliseconds * 1_000_000) }

    @Test func aRateSpreadsRequestsAndForgivesPauses() {
        var limit = RateLimit()
        #expect(limit.reserve(500, rate: 1000, now: at(0)) == 0)
        #expect(limit.reserve(1000, rate: 1000, now: at(0)) == 500)
        #expect(limit.reserve(1, rate: 1000, now: at(1000)) == 500)
        #expect(limit.reserve(7, rate: 1000, now: at(9000)) == 0)
        #expect(limit.reserve(.max, rate: 1, now: at(9007)) == 0)
        #expect(limit.reserve(1, rate: 1, now: at(9008)) > 1 << 40)
    }

    @Test func allWhoShareARateTakeTurns() {
        let rate = FetchRate(bytesPerSecond: 1000)
        #expect(rate.reserve(500, now: at(0)) == 0)
        #expect(rate.reserve(500, now: at(100)) == 400)
        #expect(rate.reserve(1, now: at(1000)) == 0)
        #expect(FetchRate(bytesPerSecond: 0).bytesPerSecond == 1)
    }

    /// A byte a second: the second piece would come after days, and giving up does not wait for it.
    @Test func aDirectoryIsReadAtTheRate() throws {
        let directory = try TemporaryDirectory()
        try write(SourceTree.noise(600_000, seed: 1), to: directory.path("blob"))
        let rate = FetchRate(bytesPerSecond: 1)
        let source = try DirectoryRemote(path: directory.path, rate: rate).source(for: "blob")
        let identity = Answer<Result<BlobIdentity, FetchError>>()
        source.identify { identity.give($0) }
        let target = FirstPiece()
        let end = Answer<Result<Void, FetchError>>()
        let handle = source.read(0..<600_000, of: try identity.wait().get(), into: target, priority: .foreground) {
            end.give($0)
        }
        #expect(target.piece.wait() == 256 << 10)
        handle.cancel()
        #expect(throws: FetchError.cancelled) { try end.wait().get() }
        #expect(target.pieces.withLock { $0 } == 1)
        // What the first two pieces take was reserved, and nothing else.
        #expect((500_000...600_000).contains(rate.reserve(1) / 1000))
    }
}

/// Tells of the first piece that it receives, and counts them.
private final class FirstPiece: FetchTarget {
    let piece = Answer<Int>()
    let pieces = Locked(0)

    func restart() {}

    func receive(_ bytes: UnsafeRawBufferPointer) throws(FetchError) {
        let count = pieces.withLock { pieces in
            pieces += 1
            return pieces
        }
        if count == 1 { piece.give(bytes.count) }
    }
}
