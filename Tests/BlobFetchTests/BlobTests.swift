// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Fscache
import Glibc
import Primitives
import TestSupport
import Testing

@Suite struct BlobTests {
    private let directory: TemporaryDirectory
    private let cache: Cache

    init() throws {
        directory = try TemporaryDirectory()
        cache = try Cache(directory: directory.path)
    }

    private func blob(_ source: HeldSource, _ settings: FetchSettings = FetchSettings()) throws -> Blob {
        try Blob.open("blob", in: try cache.volume("erofs,test"), sources: [source], settings: settings)
    }

    private func bytes(_ blob: Blob, _ range: Range<UInt64>) throws -> [UInt8] {
        var result = [UInt8](repeating: 0, count: range.count)
        let count = try result.withUnsafeMutableBytes { try blob.read(into: $0, at: range.lowerBound, waiting: true) }
        return Array(result[..<count])
    }

    private var noReadAhead: FetchSettings {
        var settings = FetchSettings()
        settings.largestReadAhead = 0
        return settings
    }

    @Test func aMissFetchesItsWindowAndIsThenAHit() throws {
        let source = HeldSource(size: 100_000)
        let blob = try blob(source, noReadAhead)
        #expect(throws: BlobReadError.missing(5000..<5010)) { try bytes(blob, 5000..<5010) }
        let ticket = blob.ensure(5000..<5010) { error in #expect(error == nil) }
        #expect(ticket != nil)
        #expect(source.asked == [0..<16384])
        #expect(try bytes(blob, 5000..<5010) == (5000..<5010).map { HeldSource.byte(at: $0) })
        let none = blob.ensure(0..<16384) { _ in Issue.record("nothing was missing") }
        #expect(none == nil)
        // The last window ends with the blob.
        _ = blob.ensure(99_000..<99_001) { _ in }
        #expect(source.asked.last == 98_304..<100_000)
        #expect(try bytes(blob, 99_990..<100_000) == (99_990..<100_000).map { HeldSource.byte(at: $0) })
    }

    @Test func allWhoWaitShareOneFetch() throws {
        let source = HeldSource(size: 1 << 20, isHolding: true)
        let blob = try blob(source, noReadAhead)
        let arrived = Locked(0)
        for offset in [0, 100, 4096, 16_000] as [UInt64] {
            _ = blob.ensure(offset..<offset + 10) { error in arrived.withLock { $0 += error == nil ? 1 : 100 } }
        }
        #expect(source.asked == [0..<16384])
        source.release()
        #expect(arrived.withLock { $0 } == 4)
    }

    @Test func whoWaitsForWhatIsFetchedAheadHurriesIt() throws {
        let source = HeldSource(size: 1 << 20, isHolding: true)
        let blob = try blob(source)
        blob.fetchAhead(0..<256 << 10)
        #expect(source.asked == [0..<128 << 10, 128 << 10..<256 << 10])
        _ = blob.ensure(0..<4096, priority: .background) { _ in }
        #expect(source.hurried == [])
        for _ in 0..<2 { _ = blob.ensure(130 << 10..<140 << 10) { error in #expect(error == nil) } }
        #expect(source.hurried == [128 << 10..<256 << 10])
        source.release()
        #expect(source.asked.count == 2)
    }

    @Test func theFirstReaderWaitsUntilUnitsAreKnown() throws {
        let source = HeldSource(size: 1 << 20, unit: 100 << 10)
        let cookie = try cache.volume("erofs,test").cookie("blob", size: source.size)
        let blob = Blob(name: "blob", cookie: cookie, validator: nil, sources: [source], settings: noReadAhead)
        #expect(!source.knowsUnits)
        let arrived = Locked(false)
        _ = blob.ensure(5000..<6000) { error in arrived.withLock { $0 = error == nil } }
        #expect(arrived.withLock { $0 })
        #expect(source.asked == [0..<100 << 10])
    }

    @Test func oneWhoGivesUpDoesNotDisturbTheOthers() throws {
        let source = HeldSource(size: 1 << 20, isHolding: true)
        let blob = try blob(source, noReadAhead)
        let arrived = Locked(false)
        let ticket = blob.ensure(0..<10) { _ in Issue.record("this one has given up") }
        _ = blob.ensure(0..<10) { _ in arrived.withLock { $0 = true } }
        ticket?.cancel()
        source.release()
        #expect(arrived.withLock { $0 })
    }

    @Test func aFailedFetchFailsItsReadersAndIsTriedAgain() throws {
        let source = HeldSource(size: 1 << 20, isHolding: true)
        let blob = try blob(source, noReadAhead)
        let failure = FetchError.unreachable(source: "held", reason: "test")
        let error = Locked<FetchError?>(nil)
        _ = blob.ensure(0..<10) { found in error.withLock { $0 = found } }
        source.release(failure)
        #expect(error.withLock { $0 } == failure)
        #expect(blob.missing(in: 0..<10) == [0..<4096])
        _ = blob.ensure(0..<10) { #expect($0 == nil) }
        #expect(try bytes(blob, 0..<3).count == 3)
    }

    @Test func nothingIsFetchedOffline() throws {
        let source = HeldSource(size: 1 << 20)
        _ = try blob(source, noReadAhead).ensure(0..<10) { _ in }
        var settings = FetchSettings()
        settings.isOffline = true
        let blob = try blob(source, settings)
        #expect(try bytes(blob, 0..<10).count == 10)
        let error = Locked<FetchError?>(nil)
        _ = blob.ensure(50_000..<50_001) { found in error.withLock { $0 = found } }
        #expect(error.withLock { $0 } == .offline(source: "blob"))
        #expect(source.asked.count == 1)
    }

    @Test func aSequentialReaderIsFetchedAhead() throws {
        let source = HeldSource(size: 64 << 20)
        let blob = try blob(source)
        var position: UInt64 = 0
        while position < 8 << 20 {
            _ = blob.ensure(position..<position + (128 << 10)) { #expect($0 == nil) }
            position += 128 << 10
        }
        // Far fewer waits than reads: most of it came ahead, in pieces that grow.
        #expect(source.asked.count < 40)
        #expect(source.asked.contains { $0.count == 1 << 20 })
        let sorted = source.asked.sorted { $0.lowerBound < $1.lowerBound }
        for (left, right) in zip(sorted, sorted.dropFirst()) { #expect(left.upperBound <= right.lowerBound) }
    }

    @Test func aRandomReaderIsNot() throws {
        let source = HeldSource(size: 64 << 20)
        let blob = try blob(source)
        for index in 0..<50 as Range<UInt64> {
            let offset = index * 7919 % 4000 * 16384
            _ = blob.ensure(offset..<offset + 100) { #expect($0 == nil) }
        }
        #expect(source.asked.allSatisfy { $0.count == 16384 })
    }
}
