// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Fscache
import Glibc
import Primitives
import TestSupport
import Testing

/// What a cache with a limit keeps, what it gives up, and what its readers notice.
@Suite struct BudgetTests {
    private static let unit = 16_384
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func cache(_ maxBytes: UInt64?, pins: Bool = false) throws -> Cache {
        // Nothing is forced to disk: the disk of a test machine may be slow, and no promise here is about it.
        try Cache(
            directory: directory.path("cache"), policy: .none, limits: CacheLimits(maxBytes: maxBytes), pins: pins)
    }

    private func cookie(_ cache: Cache, _ key: String = "blob", size: UInt64 = 16 << 20) throws -> Cookie {
        try cache.volume("erofs,test").cookie(key, size: size)
    }

    /// Stores a unit whose bytes tell its number.
    private func store(_ unit: Int, in cookie: Cookie) throws {
        let bytes = [UInt8](repeating: BudgetTests.value(unit), count: BudgetTests.unit)
        try bytes.withUnsafeBytes { try cookie.store($0, at: UInt64(unit * BudgetTests.unit)) }
    }

    private static func value(_ unit: Int) -> UInt8 { UInt8(unit % 255 + 1) }

    private func has(_ unit: Int, _ cookie: Cookie) -> Bool {
        cookie.isPresent(UInt64(unit * BudgetTests.unit)..<UInt64((unit + 1) * BudgetTests.unit))
    }

    /// Reads a byte of a unit, which makes the unit worth keeping; nil when it is missing.
    private func touch(_ unit: Int, _ cookie: Cookie) throws -> UInt8? {
        var byte: UInt8 = 0
        do {
            _ = try withUnsafeMutableBytes(of: &byte) {
                try cookie.read(into: $0, at: UInt64(unit * BudgetTests.unit + 77), waiting: true)
            }
            return byte
        } catch CookieReadError.missing {
            return nil
        }
    }

    /// What du(1) says of the directory.
    private func taken() throws -> UInt64 {
        let text = try runToSuccess(["du", "-s", "-B1", directory.path("cache")]).output
        return try #require(UInt64(text.prefix { $0.isNumber }))
    }

    @Test func aLimitHoldsWhateverIsStored() throws {
        let limit: UInt64 = 2 << 20
        let cookie = try cookie(try cache(limit))
        for unit in 0..<600 {
            try store(unit, in: cookie)
            #expect(try touch(unit, cookie) == BudgetTests.value(unit))
            if unit % 20 == 0 { #expect(try taken() <= limit) }
        }
        #expect(try taken() <= limit)
        // And it is made use of.
        #expect(cookie.presentBytes > limit * 3 / 4)
    }

    @Test func whatWasPutAsideGoesBeforeWhatCanBeRead() throws {
        let cookie = try cookie(try cache(nil))
        for unit in 0..<64 { try store(unit, in: cookie) }
        let aside = try cookie.quarantine()
        let copy = try #require(aside)
        for unit in 0..<64 { try store(unit, in: cookie) }
        _ = try cache(nil).prune(to: taken() - 4096)
        #expect(access(copy, F_OK) != 0)
        #expect(cookie.presentBytes == UInt64(64 * BudgetTests.unit))
    }

    @Test func whatIsTakenOutIsToldAndCounted() throws {
        let cache = try cache(2 << 20)
        let watch = try #require(cache.events.watch(capacity: 100_000))
        let cookie = try cookie(cache)
        for unit in 0..<300 { try store(unit, in: cookie) }
        // The thread that trims may be at it still.
        var culls: [CacheEvent] = []
        try eventually("all being told") {
            culls += (watch.next(milliseconds: 0)?.events ?? []).filter { $0.kind == .cull }
            return culls.reduce(0) { $0 + $1.length } == UInt64(300 * BudgetTests.unit) - cookie.presentBytes
        }
        try eventually("all being counted") { cache.occupancy.culledBytes > 1 << 20 }
        #expect(cache.occupancy.takenBytes <= 2 << 20)
        let first = try #require(culls.first)
        #expect(first.cookie == "blob" && first.object == 1 && first.start == 0)
        let inode = String(cookie.backingInode, radix: 16)
        #expect(first.traceLine.hasPrefix("cachefiles_cull: o=00000001 B=\(inode) s=0 l="))
    }

    @Test func whatIsReadStaysAndWhatIsColdGoes() throws {
        let cookie = try cookie(try cache(2 << 20))
        for unit in 0..<300 {
            try store(unit, in: cookie)
            _ = try touch(unit, cookie)
            for hot in 0..<10 { _ = try touch(hot, cookie) }
        }
        for hot in 0..<10 { #expect(has(hot, cookie)) }
        #expect(!has(20, cookie))
        #expect(has(299, cookie))
    }

    @Test func coldObjectsGoBeforeWarmOnesWhoeverUsesThem() throws {
        let cache = try cache(nil)
        let cold = try cookie(cache, "cold", size: 1 << 20)
        for unit in 0..<32 { try store(unit, in: cold) }
        let limited = try self.cache(2 << 20)
        let warm = try cookie(limited, "warm")
        for unit in 0..<150 { try store(unit, in: warm) }
        // The other cache object stands for another process: it sees at once that its bytes are gone.
        #expect(cold.presentBytes == 0)
        #expect(try touch(0, cold) == nil)
        #expect(has(149, warm))
    }

    @Test func anObjectThatNobodyUsesIsRemovedWithItsLastUnit() throws {
        let path: String
        do {
            let cold = try cookie(try cache(nil), "cold", size: 1 << 20)
            path = cold.path
            for unit in 0..<32 { try store(unit, in: cold) }
        }
        let warm = try cookie(try cache(2 << 20), "warm")
        for unit in 0..<150 { try store(unit, in: warm) }
        #expect(access(path, F_OK) != 0)
    }

    @Test func whatIsPinnedStaysAndTheRestIsNotCached() throws {
        do {
            let pinning = try cookie(try cache(nil, pins: true), "pinned")
            for unit in 0..<100 { try store(unit, in: pinning) }
            let other = try cookie(try cache(2 << 20), "other")
            #expect(throws: CacheError.noRoom(directory.path("cache"))) {
                for unit in 0..<100 { try store(unit, in: other) }
            }
            for unit in 0..<100 { #expect(has(unit, pinning)) }
        }
        // The pin has gone with its cookie.
        let other = try cookie(try cache(2 << 20), "other")
        for unit in 0..<100 { try store(unit, in: other) }
        #expect(has(99, other))
    }

    @Test func readersNeverSeeBytesThatAreTakenOut() throws {
        let cookie = try cookie(try cache(2 << 20))
        let wrong = Locked(0)
        let isDone = Locked(false)
        let readers = try (0..<2).map { seed in
            try NamedThread("reader") {
                var random = Xorshift(seed: UInt64(seed + 1))
                var bytes = [UInt8](repeating: 0, count: 40_000)
                while !isDone.withLock({ $0 }) {
                    let offset = Int.random(in: 0..<(8 << 20) - 40_000, using: &random)
                    let count = bytes.withUnsafeMutableBytes {
                        (try? cookie.read(into: $0, at: UInt64(offset), waiting: true)) ?? 0
                    }
                    for index in stride(from: 0, to: count, by: 64)
                    where bytes[index] != BudgetTests.value((offset + index) / BudgetTests.unit) {
                        wrong.withLock { $0 += 1 }
                        break
                    }
                }
            }
        }
        var random = Xorshift(seed: 99)
        for _ in 0..<1000 { try store(Int.random(in: 0..<512, using: &random), in: cookie) }
        isDone.withLock { $0 = true }
        readers.forEach { $0.join() }
        #expect(wrong.withLock { $0 } == 0)
    }

    @Test func blocksThatAKilledProcessLeftAreGivenBack() throws {
        let cache = try cache(nil)
        let cookie = try cookie(cache)
        // As a process does that is killed before it publishes.
        let bytes = [UInt8](repeating: 1, count: 4 << 20)
        try bytes.withUnsafeBytes { try cookie.write($0, at: 4 << 20) }
        for unit in 0..<8 { try store(unit, in: cookie) }
        #expect(try taken() > 4 << 20)
        let limited = try self.cookie(try self.cache(2 << 20), "other", size: 1 << 20)
        for unit in 0..<8 { try store(unit, in: limited) }
        #expect(try taken() <= 2 << 20)
        // Nothing that can be read had to go for that.
        for unit in 0..<8 { #expect(has(unit, cookie)) }
    }

    @Test func whatIsBeingFetchedIsNotTakenForLeftovers() throws {
        let cookie = try cookie(try cache(nil))
        let bytes = [UInt8](repeating: 9, count: 4 << 20)
        #expect(cookie.claim(4 << 20..<8 << 20))
        try bytes.withUnsafeBytes { try cookie.write($0, at: 4 << 20) }
        _ = try self.cache(nil).prune(to: 1 << 20)
        try cookie.publish(4 << 20..<8 << 20)
        var byte: UInt8 = 0
        _ = try withUnsafeMutableBytes(of: &byte) { try cookie.read(into: $0, at: 5 << 20, waiting: true) }
        #expect(byte == 9)
    }

    @Test func twoCachesWithLimitsKeepThemTogether() throws {
        let limit: UInt64 = 2 << 20
        let caches = try (0..<2).map { _ in try cache(limit) }
        let cookies = try caches.enumerated().map { try cookie($1, "blob\($0)") }
        for unit in 0..<300 {
            for cookie in cookies { try store(unit, in: cookie) }
        }
        #expect(try taken() <= limit + 2 * UInt64(BudgetTests.unit))
    }

    @Test func aFlushIsNotedThoughOtherBytesAreTakenOut() throws {
        let cookie = try cookie(try cache(nil), size: 1 << 20)
        for unit in 0..<8 { try store(unit, in: cookie) }
        let isDone = Locked(false)
        let discarder = try NamedThread("discarder") {
            while !isDone.withLock({ $0 }) { try? cookie.discard(0..<UInt64(BudgetTests.unit)) }
        }
        defer {
            isDone.withLock { $0 = true }
            discarder.join()
        }
        try eventually("a flush") {
            cookie.flush()
            return (4..<32).allSatisfy { cookie.map.durable.contains($0) }
        }
    }

    @Test func sharesOfFreeSpaceAreOrdered() {
        #expect(FreeShares.kernel.isValid)
        #expect(!FreeShares(run: 5, cull: 5, stop: 1).isValid)
        #expect(!FreeShares(run: 100, cull: 5, stop: 1).isValid)
    }

    @Test func aFullDiskStopsCachingByTheKernelsLimits() throws {
        // More than is free on any disk that is in use at all.
        let limits = CacheLimits(blocks: FreeShares(run: 99, cull: 98, stop: 97))
        let space = try #require(try? Cache(directory: directory.path("cache"), limits: limits))
        let cookie = try cookie(space)
        try #require(!isNearlyEmpty)
        #expect(throws: CacheError.noRoom(directory.path("cache"))) { try store(0, in: cookie) }
        #expect(!has(0, cookie))
    }

    private var isNearlyEmpty: Bool {
        var status = statvfs()
        return statvfs(directory.path, &status) != 0 || status.f_bavail > status.f_blocks / 100 * 96
    }
}
