// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import FUSE

/// Which threads serve which processors, and who asks where.
@Suite struct RingPlanTests {
    @Test func smallMachinesHaveSeveralThreadsForAProcessor() {
        let plan = RingPlan(possible: 2, usable: [0, 1])
        #expect(plan.queueCount == 2)
        #expect(plan.parts.map(\.queues) == [[0], [1], [0], [1], [0], [1], [0], [1]])
        #expect(plan.parts.allSatisfy { $0.queues == $0.processors })
        #expect(plan.parts.allSatisfy { $0.depth == 16 })
    }

    @Test(arguments: [(1, 4), (8, 32), (16, 64), (32, 64), (128, 128)])
    func largeMachinesHaveOne(processors: Int, threads: Int) {
        let plan = RingPlan(possible: processors, usable: Array(0..<processors))
        #expect(plan.parts.count == threads)
        #expect(plan.parts.allSatisfy { $0.depth >= 4 })
        for queue in 0..<processors { #expect(plan.parts.contains { $0.queues == [queue] }) }
    }

    /// The kernel waits until every queue is served.
    @Test(
        arguments: [
            (8, [2, 3], nil), (8, [2, 3], 1), (8, [2, 3], 3), (4, [], nil), (4, [0, 1, 2, 3], 3), (3, [7], nil),
            (1, [0], 5),
        ] as [(Int, [Int], Int?)])
    func everyQueueIsServed(possible: Int, usable: [Int], limit: Int?) {
        let plan = RingPlan(possible: possible, usable: usable, limit: limit)
        #expect(Set(plan.parts.flatMap(\.queues)) == Set(0..<possible))
        #expect(plan.parts.allSatisfy { Set($0.processors).isSubset(of: usable) })
        #expect(plan.parts.allSatisfy { !$0.queues.isEmpty })
        if let limit, !usable.isEmpty { #expect(plan.parts.count == limit) }
    }

    @Test func processorsThatMayNotBeUsedAreServedByTheOthers() {
        let plan = RingPlan(possible: 4, usable: [1, 3], limit: 2)
        #expect(plan.parts.map(\.queues) == [[1, 0], [3, 2]])
        #expect(plan.parts.map(\.processors) == [[1], [3]])
        #expect(plan.parts.allSatisfy { $0.everywhere == [1, 3] })
    }

    @Test func fewerThreadsThanProcessorsServeSeveral() {
        let plan = RingPlan(possible: 5, usable: [0, 1, 2, 3, 4], limit: 2)
        #expect(plan.parts.map(\.queues) == [[0, 2, 4], [1, 3]])
        #expect(plan.parts.map(\.processors) == [[0, 2, 4], [1, 3]])
    }

    @Test func threadsThatChangeTheProcessorAreNoticed() {
        let places = Whereabouts()
        #expect(!places.note(7, at: 0))
        #expect(!places.note(7, at: 0))
        #expect(places.note(7, at: 1))
        #expect(!places.note(7, at: 1))
        #expect(!places.note(8, at: 1))
        #expect(places.note(8, at: 0))
        #expect(places.note(7, at: 0))
        // Who is not known is nobody.
        #expect(!places.note(0, at: 0))
        #expect(!places.note(0, at: 1))
    }
}
