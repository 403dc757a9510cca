// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import FUSE

@Suite struct BacklogTests {
    private func calls(_ backlog: inout Backlog, after requests: Int) -> Int {
        (0..<requests).filter { _ in backlog.hasGrown() }.count
    }

    @Test func aLongRowOfRequestsCallsForHelpAgainAndAgain() {
        var backlog = Backlog(.serving)
        #expect(calls(&backlog, after: Backlog.limit(.serving) - 1) == 0)
        #expect(calls(&backlog, after: 1) == 1)
        #expect(calls(&backlog, after: 3 * Backlog.limit(.serving)) == 3)
    }

    @Test func aMomentWithoutRequestsEndsTheRow() {
        var backlog = Backlog(.serving)
        for _ in 0..<10 {
            #expect(calls(&backlog, after: Backlog.limit(.serving) - 1) == 0)
            backlog.wasEmpty()
        }
    }

    @Test(arguments: [(1, 1), (2, 1), (3, 1), (4, 2), (6, 3), (8, 4), (64, 4)])
    func moreProcessorsLetMoreThreadsServe(processors: Int, threads: Int) {
        #expect(ServingLoop.threads(processors: processors) == threads)
    }
}
