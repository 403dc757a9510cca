// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Primitives
import RemoteSources
import Testing

/// The state machines of a transfer, without sockets and clocks.
@Suite struct TransferStateTests {
    private func at(_ milliseconds: UInt64) -> MonotonicTime { MonotonicTime(nanoseconds: milliseconds * 1_000_000) }

    @Test func pausesDoubleUpToTheLongest() {
        let policy = RetryPolicy()
        func pause(_ failures: Int, after: UInt64? = nil, remaining: UInt64 = 60_000, jitter: Double = 1) -> UInt64? {
            policy.pause(afterFailures: failures, retryAfter: after, remaining: remaining, jitter: jitter)
        }
        #expect([1, 2, 3, 4].map { pause($0) } == [100, 200, 400, nil])
        #expect(pause(1, jitter: 0) == 50)
        #expect(pause(1, after: 2000) == 2000)
        #expect(pause(1, after: 31_000) == nil)
        #expect(pause(1, remaining: 100) == nil)
    }

    @Test func retryAfterIsSecondsOrADate() {
        #expect(RetryPolicy.retryAfter("3", now: 0) == 3000)
        #expect(RetryPolicy.retryAfter("Sun, 06 Nov 1994 08:49:37 GMT", now: 784_111_776) == 1000)
        #expect(RetryPolicy.retryAfter("Sun, 06 Nov 1994 08:49:37 GMT", now: 784_111_778) == 0)
        #expect(RetryPolicy.retryAfter("soon", now: 0) == nil)
        #expect(RetryPolicy.retryAfter("18446744073709551615", now: 0) == .max)
    }

    @Test func deadHostIsTriedByOneAtATime() {
        var circuit = Circuit()
        #expect(circuit.admit(now: at(0)) == .pass)
        circuit.failed("refused", took: 0, now: at(1))
        #expect(circuit.admit(now: at(1)) == .probe)
        #expect(circuit.admit(now: at(1)) == .wait)
        circuit.failed("refused", took: 100, now: at(2))
        #expect(circuit.admit(now: at(101)) == .refuse("refused"))
        #expect(circuit.admit(now: at(102)) == .probe)
        circuit.abandoned(now: at(103))
        #expect(circuit.admit(now: at(103)) == .probe)
        circuit.answered()
        #expect(circuit.admit(now: at(104)) == .pass)
        circuit.failed("silent", took: 60_000, now: at(200))
        #expect(circuit.admit(now: at(3199)) == .refuse("silent"))
        #expect(circuit.admit(now: at(3200)) == .probe)
    }

    @Test func foregroundGoesFirstAndBackgroundLeavesRoom() {
        var queue = HostQueue<Int>(limit: 2)
        for id in 1...3 { queue.enqueue(id, .background) }
        #expect(queue.next() == 1)
        #expect(queue.next() == nil)
        queue.enqueue(4, .foreground)
        queue.enqueue(5, .foreground)
        #expect(queue.next() == 4)
        #expect(queue.next() == nil)
        queue.remove(4)
        queue.remove(2)
        #expect(queue.next() == 5)
        queue.remove(1)
        #expect(queue.next() == 3)
        #expect(queue.runningCount == 2)
    }

    @Test func readAheadLeavesOnePlaceFreeAndGoesBeforeTheBackground() {
        var queue = HostQueue<Int>(limit: 4)
        for id in 1...3 { queue.enqueue(id, .background) }
        for id in 11...14 { queue.enqueue(id, .ahead) }
        #expect([queue.next(), queue.next(), queue.next(), queue.next()] == [11, 12, 13, nil])
        queue.enqueue(21, .foreground)
        #expect([queue.next(), queue.next()] == [21, nil])
        for id in [11, 12, 13, 14] { queue.remove(id) }
        #expect([queue.next(), queue.next(), queue.next()] == [1, 2, nil])
    }

    @Test func bytesThatNobodyWaitsForAreAllowedOnlySoMany() {
        var queue = HostQueue<Int>(limit: 16)
        for id in 1...6 { queue.enqueue(id, .ahead, bytes: 100) }
        #expect((1...6).map { _ in queue.next(allowance: 400) } == [1, 2, 3, 4, nil, nil])
        // Readers are not held up, and one who waits for the last of them lets it go at once.
        queue.enqueue(7, .foreground, bytes: 1000)
        #expect(queue.next(allowance: 400) == 7)
        queue.hurry(6)
        #expect([queue.next(allowance: 400), queue.next(allowance: 400)] == [6, nil])
        queue.remove(1)
        #expect([queue.next(allowance: 400), queue.hasMoreAhead ? 1 : nil] == [5, nil])
        // A request that runs already makes room when somebody waits for it.
        queue.enqueue(8, .background, bytes: 100)
        #expect(queue.next(allowance: 400) == nil)
        queue.hurry(5)
        #expect(queue.next(allowance: 400) == 8)
    }

    @Test func someRequestsRunWhateverTheirBytes() {
        var queue = HostQueue<Int>(limit: 16)
        for id in 1...4 { queue.enqueue(id, .ahead, bytes: 1 << 30) }
        #expect((1...4).map { _ in queue.next(allowance: 0) } == [1, 2, 3, nil])
    }

    @Test func theProductIsRateTimesRoundTrip() {
        var delivery = DeliveryEstimate()
        #expect(delivery.product == nil)
        // 1 MB in 100 ms after 20 ms without a byte; then the same with less wanted than the link can do.
        let first = delivery.sent(isBusy: true, now: at(0))
        delivery.answered(first, now: at(20))
        delivery.received(1_000_000)
        delivery.finished(first, now: at(100))
        #expect(delivery.product == 200_000)
        let idle = delivery.sent(isBusy: false, now: at(200))
        delivery.answered(idle, now: at(250))
        delivery.received(10)
        delivery.finished(idle, now: at(300))
        #expect(delivery.product == 200_000)
        // Two at a time: what both bring counts.
        let left = delivery.sent(isBusy: true, now: at(400))
        let right = delivery.sent(isBusy: true, now: at(400))
        delivery.received(2_000_000)
        delivery.finished(left, now: at(500))
        delivery.received(2_000_000)
        delivery.finished(right, now: at(500))
        #expect(delivery.product == 800_000)
    }

    @Test func redirectsAreBoundedAndGuarded() throws {
        let start = try #require(HTTPURL("https://a/x/y"))
        var policy = RedirectPolicy(start: start, limit: 2)
        #expect(try policy.follow("../z").text == "https://a/z")
        #expect(throws: RedirectPolicy.Refusal.downgrade("http://a/q")) { try policy.follow("http://a/q") }
        #expect(throws: RedirectPolicy.Refusal.loop("https://a/x/y")) { try policy.follow("/x/y") }
        #expect(throws: RedirectPolicy.Refusal.noLocation) { try policy.follow(nil) }
        #expect(throws: RedirectPolicy.Refusal.forbidden("gopher://b/")) { try policy.follow("gopher://b/") }
        #expect(try policy.follow("//b:444/c?sig=1").origin.description == "https://b:444")
        #expect(policy.current.description == "https://b:444/c?...")
        #expect(throws: RedirectPolicy.Refusal.tooMany(2)) { try policy.follow("/d") }
    }

    @Test func tokensAreRenewedEarlyAndFetchedOnce() {
        var cache = TokenCache()
        #expect(cache.need(now: at(0)) == .fetch)
        #expect(cache.need(now: at(0)) == .wait)
        cache.fetched("a", lifetime: 300_000, now: at(0))
        #expect(cache.need(now: at(279_999)) == .use("a"))
        #expect(cache.need(now: at(280_000)) == .useAndRenew("a"))
        #expect(cache.need(now: at(280_001)) == .use("a"))
        cache.failed()
        #expect(cache.need(now: at(280_002)) == .useAndRenew("a"))
        cache.fetched("b", lifetime: 3000, now: at(280_003))
        #expect(cache.need(now: at(282_003)) == .useAndRenew("b"))
        #expect(cache.need(now: at(283_003)) == .wait)
        cache.failed()
        #expect(cache.refused("a") == false)
        #expect(cache.refused("b") == true)
        #expect(cache.need(now: at(283_004)) == .fetch)
    }

    @Test func challengesAreRead() {
        #expect(AuthChallenge(["Basic realm=\"a, b\""]) == .basic)
        #expect(
            AuthChallenge(["Basic realm=\"x\", Bearer realm=\"https://t/t\",service=\"s\",scope=\"r:a:pull,push\""])
                == .bearer(realm: "https://t/t", service: "s", scope: "r:a:pull,push"))
        #expect(
            AuthChallenge(["Negotiate", "bearer Realm=https://t"])
                == .bearer(realm: "https://t", service: nil, scope: nil))
        #expect(AuthChallenge(["Negotiate"]) == nil)
        #expect(AuthChallenge([]) == nil)
        #expect(AuthChallenge(["=,,\"", "\"\\"]) == nil)
    }
}
