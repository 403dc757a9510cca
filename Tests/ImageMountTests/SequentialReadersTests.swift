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
        var readers = SequentialReaders()
        #expect(note(&readers, 0) == nil)
        let depth = UInt64(SequentialReaders.depth)
        #expect(
            note(&readers, 1)
                == SequentialReaders.Plan(nid: nid, range: 2 * window..<2 * window + depth, window: Int(window)))
    }

    @Test func furtherBatchesFollowAsTheReaderProceeds() {
        var readers = SequentialReaders()
        var planned: [Range<UInt64>] = []
        for index in 0..<40 { if let plan = note(&readers, UInt64(index)) { planned.append(plan.range) } }
        for (one, next) in zip(planned, planned.dropFirst()) { #expect(one.upperBound == next.lowerBound) }
        #expect(planned.dropFirst().allSatisfy { $0.count == SequentialReaders.batch })
        let last = planned.last?.upperBound ?? 0
        #expect(last > 40 * window && last <= 40 * window + UInt64(SequentialReaders.depth))
    }

    @Test func plansEndWithTheFile() {
        var readers = SequentialReaders()
        let size = 3 * window + 5
        #expect(note(&readers, 0, size: size) == nil)
        #expect(note(&readers, 1, size: size)?.range == 2 * window..<size)
        #expect(note(&readers, 2, size: size) == nil)
        #expect(readers.note(nid, 3 * window..<size, size: size) == nil)
    }

    @Test func jumpsAndOddWindowsPlanNothing() {
        var readers = SequentialReaders()
        for index in [0, 5, 9, 2] as [UInt64] { #expect(note(&readers, index) == nil) }
        for (start, end) in [(0, 4096), (4096, 8192), (8192, 12288)] as [(UInt64, UInt64)] {
            #expect(readers.note(nid, start..<end, size: 1 << 40) == nil)
        }
    }

    @Test func severalReadersAreFollowedAtOnceAndTheOldestIsForgotten() {
        var readers = SequentialReaders()
        let nids = (0...SequentialReaders.most).map { NodeID(rawValue: UInt64($0)) }
        for nid in nids.dropLast() { _ = note(&readers, 0, of: nid) }
        for nid in nids.dropLast() { #expect(note(&readers, 1, of: nid) != nil) }
        _ = note(&readers, 0, of: nids[nids.count - 1])
        #expect(note(&readers, 2, of: nids[0]) == nil)
        #expect(note(&readers, 3, of: nids[0]) != nil)
    }
}
