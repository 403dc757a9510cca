// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import FUSE

@Suite struct IdlePolicyTests {
    @Test func yieldsOnlyForAShortWhileAfterARequest() {
        var policy = IdlePolicy()
        policy.served(at: 1_000_000)
        #expect(policy.mayYield(at: 1_000_000))
        #expect(policy.mayYield(at: 1_049_999))
        #expect(!policy.mayYield(at: 1_050_000))
    }

    @Test func yieldsLongerWhileRequestsComeALittleLater() {
        var policy = IdlePolicy()
        var now: UInt64 = 1_000_000
        func pass(_ gap: UInt64) {
            policy.slept(until: now + gap)
            now += gap + 1000
            policy.served(at: now)
        }
        policy.served(at: now)
        for _ in 0..<3 { pass(100_000) }
        #expect(!policy.mayYield(at: now + 60_000))
        pass(100_000)
        #expect(policy.mayYield(at: now + 60_000))
        #expect(!policy.mayYield(at: now + 200_000))
        // What comes sooner says nothing, what comes much later says that it is in vain.
        pass(10_000)
        #expect(policy.mayYield(at: now + 60_000))
        pass(5_000_000)
        #expect(!policy.mayYield(at: now + 60_000))
    }

    @Test func sleepsForAWhileWhenTheCPUIsWanted() {
        var policy = IdlePolicy()
        policy.served(at: 0)
        policy.yielded(from: 0, to: 100_001)
        policy.served(at: 5_000_000)
        #expect(!policy.mayYield(at: 5_000_000))
        policy.served(at: 10_100_001)
        #expect(policy.mayYield(at: 10_100_001))
    }

    @Test func sleepsLongerEachTimeUpToALimit() {
        var policy = IdlePolicy()
        var now: UInt64 = 0
        var pauses: [UInt64] = []
        for _ in 0..<9 {
            policy.yielded(from: now, to: now + 200_000)
            now += 200_000
            // The pause is found by trying: it is a whole number of 10 ms.
            var pause: UInt64 = 0
            repeat {
                pause += 10_000_000
                policy.served(at: now + pause)
            } while !policy.mayYield(at: now + pause)
            pauses.append(pause / 10_000_000)
            now += pause
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 64, 100, 100])
    }

    @Test func aQuickYieldForgetsThePast() {
        var policy = IdlePolicy()
        policy.yielded(from: 0, to: 200_000)
        policy.yielded(from: 20_000_000, to: 20_200_000)
        policy.yielded(from: 50_000_000, to: 50_000_100)
        policy.yielded(from: 60_000_000, to: 60_200_000)
        policy.served(at: 70_200_000)
        #expect(policy.mayYield(at: 70_200_000))
    }
}
