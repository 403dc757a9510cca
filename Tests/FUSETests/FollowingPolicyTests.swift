// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import FUSE

@Suite struct FollowingPolicyTests {
    private typealias Policy = FollowingPolicy

    /// Requests of a thread until the next step; nil when there is none for long.
    private func steps(_ policy: inout Policy, _ thread: UInt32 = 7) -> (count: Int, step: Policy.Step)? {
        for count in 1...10_000 {
            let step = policy.served(thread, replyOf: 100)
            if step != .nothing { return (count, step) }
        }
        return nil
    }

    /// One that follows a thread at processor 3.
    private func following() -> Policy {
        var policy = Policy()
        _ = steps(&policy)
        #expect(policy.found(at: 3) == .move(to: 3))
        return policy
    }

    @Test func followsWhoAsksAlone() throws {
        var policy = Policy()
        let first = try #require(steps(&policy))
        #expect(first.count == Policy.interval.lowerBound + 1 && first.step == .look)
        #expect(policy.found(at: 3) == .move(to: 3))
        #expect(policy.place == 3)
        // Found again and again at its place, it is looked for less often.
        for count in [16, 32, 64, 64] {
            let next = try #require(steps(&policy))
            #expect(next.count == count && next.step == .look)
            #expect(policy.found(at: 3) == .nothing)
        }
        _ = steps(&policy)
        #expect(policy.found(at: 1) == .move(to: 1))
        #expect(steps(&policy)?.count == Policy.interval.lowerBound)
    }

    @Test func leavesWhenSeveralAsk() {
        var policy = following()
        var left: Int?
        for index in 0..<100 where left == nil {
            let step = policy.served(UInt32(8 + index % 2), replyOf: 100)
            #expect(step == .nothing || step == .leave)
            if step == .leave { left = index }
        }
        #expect(left == Policy.strangers - 1)
        #expect(policy.place == nil)
    }

    @Test(arguments: [false, true]) func aLargeOrLateReplyNowAndThenChangesNothingButManyDo(isLate: Bool) {
        func next(_ policy: inout Policy) -> Policy.Step {
            isLate ? policy.servedLate() : policy.served(7, replyOf: Policy.largest + 1)
        }
        var policy = following()
        for _ in 0..<10 {
            for _ in 1..<Policy.others { #expect(next(&policy) == .nothing) }
            #expect(policy.served(7, replyOf: Policy.largest) == .nothing)
        }
        for _ in 1..<Policy.others { #expect(next(&policy) == .nothing) }
        #expect(next(&policy) == .leave)
        #expect(next(&policy) == .nothing)
    }

    @Test func requestsOfNobodySayNothing() {
        var policy = Policy()
        for _ in 0..<1000 { #expect(policy.served(0, replyOf: 100) == .nothing) }
    }

    @Test func whoIsNeverFoundIsLeftAloneForLongerAndLonger() {
        var policy = Policy()
        for rest in [1, 2, 4].map({ $0 * Policy.rest.lowerBound }) {
            var last = Policy.Step.nothing
            for look in 0...Policy.tries {
                _ = steps(&policy)
                last = policy.found(at: Int32(look % 2))
            }
            #expect(last == .leave)
            #expect(steps(&policy)?.count ?? 0 > rest)
            // Once found, it is as at the beginning.
            if rest == 4 * Policy.rest.lowerBound {
                #expect(policy.found(at: 5) == .move(to: 5))
                _ = steps(&policy)
                #expect(policy.found(at: 5) == .nothing)
                #expect(policy.found(at: nil) == .leave)
                #expect(steps(&policy)?.count ?? 0 <= Policy.rest.lowerBound + Policy.interval.upperBound)
            }
        }
    }

    @Test func aThreadThatIsHiddenIsNotFollowed() {
        var policy = Policy()
        _ = steps(&policy)
        #expect(policy.found(at: nil) == .nothing)
        #expect(policy.place == nil)
        #expect(steps(&policy)?.count ?? 0 > Policy.rest.lowerBound)
    }

    @Test func aPlaceThatIsLeftIsKeptAwakeOnlyForAMoment() throws {
        let place = WakefulPlace()
        for processor in [0, 1, 0] as [Int32] { place.stayAwake(at: processor) }
        // Ends its thread, whatever it does.
        withExtendedLifetime(place) {}
    }
}
