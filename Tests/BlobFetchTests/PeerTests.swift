// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Fscache
import Primitives
import TestSupport
import Testing

/// Two caches on one directory stand for two processes: their locks exclude each other as those of processes do.
@Suite struct PeerTests {
    private let directory: TemporaryDirectory
    private let caches: [Cache]

    init() throws {
        let directory = try TemporaryDirectory()
        self.directory = directory
        caches = try (0..<2).map { _ in try Cache(directory: directory.path) }
    }

    private func blob(_ cache: Int, _ source: HeldSource) throws -> Blob {
        var settings = FetchSettings()
        settings.largestReadAhead = 0
        return try Blob.open("blob", in: try caches[cache].volume("erofs,test"), sources: [source], settings: settings)
    }

    @Test func aPeerWaitsForTheBytesOfTheOther() throws {
        let first = HeldSource(size: 1 << 20, isHolding: true)
        let second = HeldSource(size: 1 << 20)
        let answers = Locked<[FetchError?]>([])
        let (one, other) = (try blob(0, first), try blob(1, second))
        _ = one.ensure(0..<100) { error in answers.withLock { $0.append(error) } }
        _ = other.ensure(50..<60) { error in answers.withLock { $0.append(error) } }
        // What nobody else fetches does not wait.
        _ = other.ensure(500_000..<500_001) { #expect($0 == nil) }
        #expect(second.asked == [491_520..<507_904])
        first.release()
        try eventually("both answers") { answers.withLock { $0.count } == 2 }
        #expect(answers.withLock { $0 } == [nil, nil])
        #expect(second.asked.count == 1)
        #expect(other.cookie.isPresent(50..<60))
    }

    @Test func aPeerTakesOverWhenTheOtherFails() throws {
        let first = HeldSource(size: 1 << 20, isHolding: true)
        let second = HeldSource(size: 1 << 20)
        let isThere = Locked(false)
        let (one, other) = (try blob(0, first), try blob(1, second))
        _ = one.ensure(0..<100) { #expect($0 != nil) }
        _ = other.ensure(0..<100) { error in isThere.withLock { $0 = error == nil } }
        #expect(second.asked.isEmpty)
        first.release(.timeout(source: "held", reason: "test"))
        try eventually("the bytes") { isThere.withLock { $0 } }
        #expect(second.asked == [0..<16384])
    }

    @Test func aClaimExcludesThoseOfThisAndOfOtherProcesses() throws {
        let cookies = try caches.map { try $0.volume("erofs,test").cookie("blob", size: 100_000) }
        #expect(cookies[0].claim(4096..<8192))
        #expect(!cookies[0].claim(8000..<9000))
        #expect(!cookies[1].claim(0..<5000))
        #expect(cookies[1].claim(0..<4096))
        #expect(!cookies[0].claim(4000..<4001))
        cookies[0].release(4096..<8192)
        #expect(cookies[1].claim(4096..<8192))
        // A claim that was never made cannot be given back.
        cookies[0].release(4096..<8192)
        #expect(!cookies[0].claim(4096..<8192))
    }
}
