// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Fscache
import Glibc
import TestSupport
import Testing

/// What a watcher of a cache is told.
@Suite struct EventLogTests {
    private let directory: TemporaryDirectory
    private let cache: Cache
    private let cookie: Cookie

    init() throws {
        directory = try TemporaryDirectory()
        cache = try Cache(directory: directory.path)
        cookie = try cache.volume("erofs,test").cookie("blob", size: 100_000)
    }

    private func store(_ range: Range<UInt64>) throws {
        try [UInt8](repeating: 1, count: range.count).withUnsafeBytes { try cookie.store($0, at: range.lowerBound) }
    }

    private func read(_ count: Int, at offset: UInt64) throws {
        var bytes = [UInt8](repeating: 0, count: count)
        _ = try bytes.withUnsafeMutableBytes { try cookie.read(into: $0, at: offset, waiting: true, inode: 42) }
    }

    /// The lines of what has happened, without what differs from run to run.
    private func lines(_ watch: EventWatch) -> [String] {
        (watch.next(milliseconds: 0)?.events ?? []).map { event in
            var event = event
            event.backingInode = 0x1a2b
            return event.traceLine
        }
    }

    @Test func aHitIsAJudgementAndARead() throws {
        try store(0..<8192)
        let watch = try #require(cache.events.watch())
        try read(10_000, at: 4096)
        #expect(
            lines(watch) == [
                "cachefiles_prep_read: o=00000001 READ have-data  f=20 s=1000 1000 ni=2a B=1a2b",
                "cachefiles_read: o=00000001 B=1a2b s=1000 l=1000",
            ])
    }

    @Test func aFilledMissIsToldOnce() throws {
        let watch = try #require(cache.events.watch())
        cookie.tellMiss(0x4000..<0x6000, .downloadFromServer, .ondemand, inode: 1)
        try store(0x4000..<0x8000)
        cookie.noteFilled(0x4000..<0x6000)
        try read(0x2000, at: 0x4000)
        try read(0x2000, at: 0x4000)
        #expect(
            lines(watch).filter { $0.contains("prep_read") } == [
                "cachefiles_prep_read: o=00000001 DOWN seek-enxio f=21 s=4000 2000 ni=1 B=1a2b",
                "cachefiles_prep_read: o=00000001 READ have-data  f=01 s=4000 2000 ni=2a B=1a2b",
                "cachefiles_prep_read: o=00000001 READ have-data  f=20 s=4000 2000 ni=2a B=1a2b",
            ])
    }

    @Test func whatWentBeforeCanBeSeen() throws {
        try store(0..<4096)
        let watch = try #require(cache.events.watch(history: true))
        #expect(
            lines(watch) == [
                "cachefiles_ondemand_open: o=00000001 mid=1 oid=1 fd=-1 f=0",
                "cachefiles_coherency: o=00000001 OK       B=1a2b c=0",
                "cachefiles_ondemand_copen: o=00000001 mid=1 l=186a0",
                "cachefiles_write: o=00000001 B=1a2b s=0 l=1000",
            ])
        #expect(lines(try #require(cache.events.watch())) == [])
    }

    @Test func onlyTheLatestIsRemembered() throws {
        for _ in 0...EventLog.historyLength { cookie.tellClosed() }
        let events = try #require(cache.events.watch(history: true)?.next(milliseconds: 0)?.events)
        #expect(events.count == EventLog.historyLength)
        #expect(events.map(\.message) == (3...UInt32(EventLog.historyLength + 2)).map { $0 })
    }

    @Test func aSlowWatcherLosesEventsAndIsToldHowMany() throws {
        let slow = try #require(cache.events.watch(capacity: 3))
        let other = try #require(cache.events.watch())
        for _ in 0..<5 { cookie.tellClosed() }
        let batch = try #require(slow.next(milliseconds: 0))
        #expect(batch.events.count == 3)
        #expect(batch.dropped == 2)
        #expect(other.next(milliseconds: 0)?.events.count == 5)
        cookie.tellClosed()
        #expect(slow.next(milliseconds: 0)?.dropped == 0)
    }

    @Test func theEndComesAfterTheEvents() throws {
        let watch = try #require(cache.events.watch())
        cookie.tellClosed()
        cache.events.close()
        #expect(watch.next(milliseconds: 60_000)?.events.count == 1)
        #expect(watch.next(milliseconds: 60_000) == nil)
        #expect(cache.events.watch() == nil)
    }

    @Test func whoDoesNotWatchIsNotTold() throws {
        try store(0..<4096)
        #expect(!cache.events.isWatched)
        let watch = try #require(cache.events.watch())
        #expect(cache.events.isWatched)
        watch.cancel()
        #expect(!cache.events.isWatched)
        try read(10, at: 0)
        #expect(watch.next(milliseconds: 60_000) == nil)
    }

    @Test func watchersAreBounded() throws {
        let watches = (0...EventLog.watcherLimit).map { _ in cache.events.watch() }
        #expect(watches.count { $0 == nil } == 1)
    }
}
