// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import Testing

@testable import ImageMount

@Suite struct SequentialReadersTests {
    private let nid = NodeID(rawValue: 7)
    private let window: UInt64 = 128 << 10

    private func note(
        _ readers: inout SequentialReaders, _ index: UInt64, of nid: NodeID? = nil, size: UInt64 = 1 << 40
    ) -> SequentialReaders.Plan? {
        readers.note(nid ?? self.nid, index * window..<(index + 1) * window, size: size)
    }

    @Test func theSecondReadInARowStartsThePlan() {
        var readers = SequentialReaders(processors: 2)
        #expect(note(&readers, 0) == nil)
        let depth = UInt64(SequentialReaders.depth * SequentialReaders.batch)
        #expect(
            note(&readers, 1)
                == SequentialReaders.Plan(nid: nid, range: 2 * window..<2 * window + depth, window: Int(window)))
    }

    @Test(arguments: [64, 128, 256, 512, 1024]) func whatIsMissingFollowsWhenHalfIsLeft(kibibytes: UInt64) {
        let window = kibibytes << 10
        var readers = SequentialReaders(processors: 2)
        var planned: [Range<UInt64>] = []
        for start in stride(from: 0, to: 40 * window, by: Int(window)) {
            guard let plan = readers.note(nid, start..<start + window, size: 1 << 40) else { continue }
            #expect(plan.window == Int(window))
            planned.append(plan.range)
        }
        for (one, next) in zip(planned, planned.dropFirst()) { #expect(one.upperBound == next.lowerBound) }
        let batch = max(SequentialReaders.batch, Int(window))
        #expect(planned.dropFirst().allSatisfy { $0.count == SequentialReaders.depth / 2 * batch })
        let last = planned.last?.upperBound ?? 0
        #expect(last > 40 * window && last <= 40 * window + UInt64(SequentialReaders.depth * batch))
    }

    @Test(arguments: [(256, true), (512, false), (1024, false)] as [(UInt64, Bool)])
    func largeWindowsAreMadeAheadOnlyWhereTheyAreDecoded(kibibytes: UInt64, isPlanned: Bool) {
        let window = kibibytes << 10
        var readers = SequentialReaders(processors: 2)
        let plans = (0..<9 as Range<UInt64>).compactMap {
            readers.note(nid, $0 * window..<($0 + 1) * window, size: 1 << 40, isDecoded: false)
        }
        #expect(plans.isEmpty != isPlanned)
    }

    @Test func plansEndWithTheFile() {
        var readers = SequentialReaders(processors: 2)
        let size = 3 * window + 5
        #expect(note(&readers, 0, size: size) == nil)
        #expect(note(&readers, 1, size: size)?.range == 2 * window..<size)
        #expect(note(&readers, 2, size: size) == nil)
        #expect(readers.note(nid, 3 * window..<size, size: size) == nil)
    }

    @Test func jumpsAndOddWindowsPlanNothing() {
        var readers = SequentialReaders(processors: 2)
        for index in [0, 5, 9, 2] as [UInt64] { #expect(note(&readers, index) == nil) }
        for (start, end) in [(0, 4096), (4096, 8192), (8192, 12288)] as [(UInt64, UInt64)] {
            #expect(readers.note(nid, start..<end, size: 1 << 40) == nil)
        }
    }

    @Test func severalReadersAreFollowedAtOnceAndTheOldestIsForgotten() {
        var readers = SequentialReaders(processors: 8)
        let nids = (0...SequentialReaders.most).map { NodeID(rawValue: UInt64($0)) }
        for nid in nids.dropLast() { _ = note(&readers, 0, of: nid) }
        for nid in nids.dropLast() { #expect(note(&readers, 1, of: nid) != nil) }
        _ = note(&readers, 0, of: nids[nids.count - 1])
        #expect(note(&readers, 2, of: nids[0]) == nil)
        #expect(note(&readers, 3, of: nids[0]) != nil)
    }

    @Test func asManyReadersAsProcessorsNeedNothingAhead() {
        var readers = SequentialReaders(processors: 2)
        let other = NodeID(rawValue: 8)
        _ = note(&readers, 0)
        _ = note(&readers, 0, of: other)
        for index in 1...9 as ClosedRange<UInt64> {
            #expect(note(&readers, index) == nil)
            #expect(note(&readers, index, of: other) == nil)
        }
        // The other one leaves.
        let plans = (10...40 as ClosedRange<UInt64>).compactMap { note(&readers, $0) }
        #expect(plans.first?.range.lowerBound ?? 0 > 20 * window)
    }
}
