// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives
import TestSupport
import Testing

@testable import Fscache

/// What a cookie promises about its bytes: conformance of publishing, removal and restart.
@Suite struct CookieTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func cookie(size: UInt64 = 100_000, validator: String? = nil) throws -> Cookie {
        try Cache(directory: directory.path).volume("erofs,test").cookie("blob", size: size, validator: validator)
    }

    private func store(_ value: UInt8, _ range: Range<UInt64>, in cookie: Cookie) throws {
        let bytes = [UInt8](repeating: value, count: range.count)
        try bytes.withUnsafeBytes { try cookie.store($0, at: range.lowerBound) }
    }

    private func read(_ count: Int, at offset: UInt64, of cookie: Cookie) throws -> [UInt8] {
        var result = [UInt8](repeating: 0, count: count)
        let got = try result.withUnsafeMutableBytes { try cookie.read(into: $0, at: offset, waiting: true) }
        return Array(result[..<got])
    }

    @Test func aHoleIsMissingNotZeroes() throws {
        let cookie = try cookie()
        #expect(throws: CookieReadError.missing(0..<10)) { try read(10, at: 0, of: cookie) }
    }

    @Test func writtenBytesAreReadableOnlyWhenPublished() throws {
        let cookie = try cookie()
        try [UInt8](repeating: 5, count: 4096).withUnsafeBytes { try cookie.write($0, at: 0) }
        #expect(!cookie.isPresent(0..<1))
        try cookie.publish(0..<4096)
        #expect(try read(3, at: 4000, of: cookie) == [5, 5, 5])
    }

    @Test func aCookieWithoutAnObjectStoresNothingAndSaysWhy() throws {
        let volume = try Cache(directory: directory.path).volume("erofs,test")
        let why = CacheError.system(call: "fallocate", path: "map", code: ENOSPC)
        let cookie = try volume.cookieWithoutObject("blob", size: 100_000, validator: "v", because: why)
        #expect(throws: why) { try store(7, 0..<8192, in: cookie) }
        #expect(throws: CookieReadError.missing(0..<10)) { try read(10, at: 0, of: cookie) }
        #expect(cookie.presentBytes == 0 && cookie.missing(in: 0..<100_000) == [0..<100_000])
        #expect(cookie.claim(0..<8192))
        cookie.release(0..<8192)
        // Nobody else is told of it: the key is free, and the disk was not touched.
        #expect(volume.rememberedIdentity(of: "blob") == nil)
        #expect(access(cookie.path, F_OK) != 0)
        let next = try volume.cookie("blob", size: 100_000, validator: "v")
        try store(7, 0..<8192, in: next)
        #expect(next.presentBytes == 8192 && cookie.presentBytes == 0)
    }

    @Test func aReadEndsWhereAHoleBegins() throws {
        let cookie = try cookie()
        try store(7, 0..<8192, in: cookie)
        #expect(try read(10_000, at: 4000, of: cookie) == [UInt8](repeating: 7, count: 4192))
        #expect(cookie.missing(in: 0..<12_288) == [8192..<12_288])
    }

    @Test func aPartialGranuleStaysMissingExceptAtTheEnd() throws {
        let cookie = try cookie()
        try store(7, 0..<4095, in: cookie)
        #expect(!cookie.isPresent(0..<1))
        try store(9, 98_304..<100_000, in: cookie)
        #expect(try read(10, at: 99_999, of: cookie) == [9])
    }

    @Test func anotherOpenerSeesTheSameBytes() throws {
        let first = try cookie()
        let second = try cookie()
        try store(3, 4096..<8192, in: first)
        #expect(try read(2, at: 4096, of: second) == [3, 3])
        try second.discard(4096..<8192)
        #expect(throws: CookieReadError.missing(4096..<4098)) { try read(2, at: 4096, of: first) }
    }

    @Test func discardedBytesComeBackOnlyByStoring() throws {
        let cookie = try cookie()
        try store(3, 0..<8192, in: cookie)
        try cookie.discard(0..<4096)
        #expect(cookie.missing(in: 0..<8192) == [0..<4096])
        try store(4, 0..<4096, in: cookie)
        #expect(try read(1, at: 0, of: cookie) == [4])
    }

    /// A cache, and a cookie of it with two granules that nobody has forced to disk.
    private func unflushed() throws -> (Cache, Cookie) {
        let cache = try Cache(directory: directory.path, policy: .none)
        let cookie = try cache.volume("erofs,test").cookie("blob", size: 100_000)
        try store(7, 0..<8192, in: cookie)
        return (cache, cookie)
    }

    /// Nothing but the end of the cookie flushes with this policy, and a thread may keep it until the process is gone.
    @Test func aCacheFlushesCookiesThatSomebodyHas() throws {
        let (cache, cookie) = try unflushed()
        #expect(cookie.map.durable.population == 0)
        cache.flush()
        #expect(cookie.map.durable.population == 2)
    }

    @Test func aCacheWaitsForWhoFlushesAlready() throws {
        let (cache, cookie) = try unflushed()
        let other = try self.cookie()
        try #require(other.map.take(.flush))
        cookie.flush()
        #expect(cookie.map.durable.population == 0)
        let end = try NamedThread("flusher") {
            usleep(20_000)
            other.map.drop(.flush)
        }
        cache.flush()
        end.join()
        #expect(cookie.map.durable.population == 2)
    }

    @Test func aCacheWaitsForItsOwnThreadThatFlushes() throws {
        let (cache, cookie) = try unflushed()
        cookie.maintenance.withLock { $0.isFlushing = true }
        let end = try NamedThread("flusher") {
            usleep(20_000)
            cookie.maintenance.withLock { $0.isFlushing = false }
            cookie.flushed.broadcast()
        }
        cache.flush()
        end.join()
        #expect(cookie.map.durable.population == 2)
    }

    @Test func anotherIdentityBeginsAnew() throws {
        try store(3, 0..<4096, in: try cookie(validator: "one"))
        #expect(try cookie(validator: "one").isPresent(0..<4096))
        #expect(try !cookie(validator: "two").isPresent(0..<1))
    }

    @Test func aLiveCookieIsNotAnotherBlobs() throws {
        let volume = try Cache(directory: directory.path).volume("erofs,test")
        let cookie = try volume.cookie("blob", size: 100_000, validator: "one")
        try store(1, 0..<4096, in: cookie)
        #expect(try volume.cookie("blob", size: 100_000, validator: "one") === cookie)
        #expect(try volume.cookie("blob", size: 100_000) === cookie)
        #expect(throws: CacheError.stale("blob")) {
            try volume.cookie("blob", size: 100_000, validator: "two", replacingStale: false)
        }
        let other = try volume.cookie("blob", size: 100_000, validator: "two")
        #expect(other !== cookie)
        #expect(!other.isPresent(0..<1))
        // Who has the old one open goes on reading the old blob.
        #expect(try read(3, at: 0, of: cookie) == [1, 1, 1])
    }

    @Test func aValidatorLearntLaterIsRemembered() throws {
        try store(1, 0..<4096, in: try cookie())
        #expect(try cookie(validator: "one").isPresent(0..<1))
        #expect(try !cookie(validator: "two").isPresent(0..<1))
    }

    @Test func bytesThatAreHolesAreNotTrusted() throws {
        let cache = try Cache(directory: directory.path)
        let path = try cookie().path
        try store(7, 0..<40_960, in: try cookie())
        // Somebody copies the object as a sparse file that lacks a part.
        let part = try bytes(ofFile: path)
        truncate(path, 0)
        let file = open(path, O_WRONLY)
        truncate(path, 102_400)
        #expect(pwrite(file, part, 8192, 0) == 8192)
        #expect(pwrite(file, part, 8192, 32_768) == 8192)
        close(file)
        let again = try cookie()
        guard cache.traits.tellsHoles else { return }
        #expect(again.present(in: 0..<100_000) == [0..<8192, 32_768..<40_960])
        #expect(again.distrustedGranules == 6)
    }

    @Test(.requires(.tool("setfattr"))) func anObjectWithAnotherAttributeIsNotTrusted() throws {
        let cache = try Cache(directory: directory.path)
        try store(7, 0..<40_960, in: try cookie())
        guard cache.traits.keepsAttributes else { return }
        #expect(try cookie().isPresent(0..<40_960))
        try runToSuccess(["setfattr", "-n", "user.CacheFiles.cache", "-v", "0x00", try cookie().path])
        #expect(try !cookie().isPresent(0..<1))
    }

    @Test func anObjectThatWasCutIsNotTrusted() throws {
        let path = try { () throws -> String in
            let cookie = try cookie()
            try store(3, 0..<4096, in: cookie)
            return cookie.path
        }()
        #expect(truncate(path, 0) == 0)
        #expect(try !cookie().isPresent(0..<1))
    }

    @Test func aMapWithoutItsMagicNumberIsNotTrusted() throws {
        let path = try { () throws -> String in
            let cookie = try cookie()
            try store(3, 0..<4096, in: cookie)
            return cookie.path
        }()
        let name = try #require(path.lastIndex(of: "D"))
        let file = open("\(path[..<name])M\(path[name...])", O_RDWR)
        defer { close(file) }
        #expect(pwrite(file, [UInt8](repeating: 0xA5, count: 8), 8, 0) == 8)
        #expect(try !cookie().isPresent(0..<1))
    }
}
