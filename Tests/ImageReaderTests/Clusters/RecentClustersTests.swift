// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import Testing

@testable import ImageReader

@Suite struct RecentClustersTests {
    private let recent = RecentClusters()

    private func cluster(at offset: UInt64) -> EncodedCluster {
        EncodedCluster(
            place: .device(id: 0, offset: offset), encodedLength: 65_536, decodedLength: 200_000, algorithm: .lz4,
            isPartial: false, hasLeadingPadding: false, start: 0)
    }

    @Test func readsAllOverAClusterAreNotWorthKeepingItAtFirst() {
        #expect(!recent.note(50_000..<54_096, of: cluster(at: 4096)))
        #expect(!recent.note(10_000..<14_096, of: cluster(at: 4096)))
        #expect(recent.note(90_000..<94_096, of: cluster(at: 4096)))
    }

    @Test func whoGoesOnWhereTheLastOneEndedIsWorthIt() {
        #expect(!recent.note(50_000..<54_096, of: cluster(at: 4096)))
        #expect(recent.note(54_096..<60_000, of: cluster(at: 4096)))
    }

    /// What would have been kept would be gone by then.
    @Test func readsLongAgoDoNotCount() {
        for _ in 0..<4 {
            #expect(!recent.note(50_000..<54_096, of: cluster(at: 4096)))
            for other in 2..<100 { _ = recent.note(0..<4096, of: cluster(at: UInt64(other) * 4096)) }
        }
        // But whoever goes on was not there for somebody else in between.
        #expect(recent.note(54_096..<60_000, of: cluster(at: 4096)))
    }

    @Test func clustersAreToldApart() {
        for offset in stride(from: UInt64(0), to: 4096 * 100, by: 4096) {
            #expect(!recent.note(0..<4096, of: cluster(at: offset)))
        }
        #expect(!recent.note(4096..<8192, of: cluster(at: 1 << 40)))
    }

    @Test func scratchMemoryGrowsUpToItsLimit() {
        let scratch = ScratchMemory()
        for count in [1, 4096, 100_000, 300_000, ScratchMemory.largest, 10] {
            #expect(scratch.bytes(count).count == count)
        }
        #expect(scratch.bytes(ScratchMemory.largest + 1).count == ScratchMemory.largest)
    }
}
