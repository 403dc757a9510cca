// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import Testing

@testable import ImageReader

@Suite struct MetadataReadAheadTests {
    private let window = UInt64(1) << SeenWindows.windowBits

    /// What is asked for when bytes are touched, in windows.
    private func asked(_ ahead: MetadataReadAhead, _ offset: UInt64, _ count: Int) -> [Range<UInt64>] {
        var ranges: [Range<UInt64>] = []
        ahead.touch(offset, count) { ranges.append($0.lowerBound / window..<$0.upperBound / window) }
        return ranges
    }

    private func ahead(windows: UInt64) throws -> MetadataReadAhead {
        try #require(MetadataReadAhead(count: Int(windows * window)))
    }

    @Test func aFirstTouchAsksForItsWindowOnce() throws {
        let ahead = try ahead(windows: 100)
        #expect(!ahead.seen.has(10 * window, 1))
        #expect(asked(ahead, 10 * window + 5, 4) == [10..<11])
        #expect(ahead.seen.has(10 * window, 1))
        #expect(asked(ahead, 11 * window - 1, 1) == [])
    }

    @Test func aRecordAcrossWindowsTouchesBoth() throws {
        let ahead = try ahead(windows: 100)
        _ = asked(ahead, 10 * window, 1)
        #expect(!ahead.seen.has(11 * window - 1, 2))
        #expect(asked(ahead, 11 * window - 1, 2) == [11..<13])
    }

    @Test func whoeverGoesOnGetsMoreAndMore() throws {
        let ahead = try ahead(windows: 1000)
        var total = 0
        var largest = 0
        for place in 0..<UInt64(1000) where !ahead.seen.has(place * window, 1) {
            for range in asked(ahead, place * window, 1) {
                #expect(range.lowerBound == UInt64(total))
                total += range.count
                largest = max(largest, range.count)
            }
        }
        #expect(total == 1000)
        #expect(largest == Int(MetadataReadAhead.most))
    }

    @Test func whatIsAskedForIsAskedForBeforeItIsTouched() throws {
        let ahead = try ahead(windows: 1000)
        var asked = 0
        for place in 0..<UInt64(500) {
            ahead.touch(place * window, 1) { asked = max(asked, Int($0.upperBound / window)) }
            if place > 64 { #expect(asked > Int(place) + 8) }
        }
    }

    @Test func windowsThatWereTouchedAreNotAskedForAgain() throws {
        let ahead = try ahead(windows: 100)
        for place in [UInt64(0), 2, 4] { #expect(asked(ahead, place * window, 1) == [place..<place + 1]) }
        #expect(asked(ahead, window, 1) == [1..<2])
        #expect(asked(ahead, 3 * window, 1) == [3..<4])
        #expect(asked(ahead, 5 * window, 1) == [5..<11])
    }

    @Test func theImagesEndIsTheLast() throws {
        let ahead = try #require(MetadataReadAhead(count: Int(2 * window + 1)))
        #expect(asked(ahead, 0, 1) == [0..<1])
        #expect(asked(ahead, window, 1) == [1..<3])
        #expect(asked(ahead, 2 * window, 1).isEmpty)
        #expect(asked(ahead, 0, 0).isEmpty)
        let tiny = try #require(MetadataReadAhead(count: 1))
        #expect(asked(tiny, 0, 1) == [0..<1])
    }

    @Test func whatIsForgottenIsAskedForAgain() throws {
        let ahead = try ahead(windows: 100)
        for place in UInt64(0)..<100 { _ = asked(ahead, place * window, 1) }
        #expect(ahead.seen.has(0, Int(100 * window)))
        ahead.forget()
        #expect(!ahead.seen.has(50 * window, 1))
        #expect(asked(ahead, 50 * window, 1) == [50..<51])
    }
}
