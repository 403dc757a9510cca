// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import BlobFetch

@Suite struct ReadAheadTests {
    private static let window: UInt64 = 16 << 10
    private static let read: UInt64 = 128 << 10
    private static let size: UInt64 = 1 << 40

    @Test func aReaderInOrderIsFetchedAheadOfUpToTheLimit() {
        var ahead = ReadAhead(window: ReadAheadTests.window, largest: 8 << 20)
        var frontier: UInt64 = 0
        var widest: UInt64 = 0
        for start in stride(from: UInt64(0), to: 64 << 20, by: Int(ReadAheadTests.read)) {
            let end = start + ReadAheadTests.read
            guard let more = ahead.missed(start..<end, inode: 1, size: ReadAheadTests.size) else { continue }
            #expect(more.lowerBound >= frontier)
            #expect(more.upperBound - end <= end)
            frontier = more.upperBound
            widest = max(widest, frontier - end)
        }
        #expect(widest == 8 << 20)
    }

    @Test func aProgramThatStartsIsNotTakenForOne() {
        var ahead = ReadAhead(window: ReadAheadTests.window, largest: 8 << 20)
        // Faults all over a library of 384 KiB, and small files side by side.
        for start in [0, 100, 20, 60, 40, 120, 80] {
            let place = UInt64(start) << 12
            #expect(ahead.missed(place..<place + 65536, inode: 1, size: ReadAheadTests.size) == nil)
        }
        for number in UInt64(0)..<16 {
            let place = 10 << 20 + number * ReadAheadTests.window
            #expect(ahead.missed(place..<place + ReadAheadTests.window, inode: 1, size: ReadAheadTests.size) == nil)
        }
    }

    @Test func fromFileToFileTheRunMustBeLonger() {
        var ahead = ReadAhead(window: ReadAheadTests.window, largest: 8 << 20)
        var first: UInt64?
        for number in UInt64(0)..<100 {
            let place = number * ReadAheadTests.read
            let range = place..<place + ReadAheadTests.read
            if ahead.missed(range, inode: number, size: ReadAheadTests.size) != nil, first == nil {
                first = range.upperBound
            }
        }
        #expect(first == ReadAhead.shortestRunOfFiles)
    }

    @Test func nothingIsFetchedBehindTheEndOrWithoutLeave() {
        var ahead = ReadAhead(window: ReadAheadTests.window, largest: 8 << 20)
        var none = ReadAhead(window: ReadAheadTests.window, largest: 0)
        let size: UInt64 = 600 << 10
        for start in stride(from: UInt64(0), to: size, by: 100 << 10) {
            let range = start..<start + 100 << 10
            if let more = ahead.missed(range, inode: 1, size: size) { #expect(more.upperBound <= size) }
            #expect(none.missed(range, inode: 1, size: size) == nil)
        }
    }
}
