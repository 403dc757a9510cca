// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import Primitives
import Testing

@testable import ImageMount

@Suite struct DamageLogTests {
    @Test func saysLittleInASecondAndHowMuchWasLeftOut() {
        let lines = Locked<[String]>([])
        let log = DamageLog { line in lines.withLock { $0.append(line) } }
        let start = MonotonicTime(nanoseconds: 5_000_000_000)
        for nid in 0..<15 { log.report(NodeID(rawValue: UInt64(nid)), "bad", at: start) }
        #expect(lines.withLock { $0.count } == DamageLog.rate)
        log.report(NodeID(rawValue: 3), "bad", at: start.advanced(milliseconds: 1000))
        #expect(lines.withLock { $0.count } == DamageLog.rate)
        log.report(NodeID(rawValue: 99), "bad", at: start.advanced(milliseconds: 1000))
        #expect(lines.withLock { $0.last } == "inode 99: bad (and 5 inodes before)")
    }

    @Test func waitsFallIntoPowersOfTwo() {
        #expect(LatencyHistogram.bucket(0) == 0)
        #expect(LatencyHistogram.bucket(1) == 1)
        #expect(LatencyHistogram.bucket(1023) == 10)
        #expect(LatencyHistogram.bucket(.max) == LatencyHistogram.buckets - 1)
    }
}
