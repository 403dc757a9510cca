// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import FUSE
import Primitives
import Testing

@Suite struct WorkerPoolTests {
    @Test func runsEveryJobOnAFewThreads() {
        let pool = WorkerPool(limit: 3)
        let done = Locked(0)
        let changed = Condition()
        for _ in 0..<500 {
            let isTaken = pool.run { reply in
                reply.append(UInt8(1))
                done.withLock { $0 += reply.count }
                changed.broadcast()
            }
            #expect(isTaken)
        }
        let deadline = MonotonicTime.now.advanced(milliseconds: 60_000)
        done.withLock(waitingOn: changed) { done, waiter in
            while done < 500, waiter.wait(for: &done, until: deadline) {}
        }
        pool.stop()
        #expect(done.withLock { $0 } == 500)
    }

    @Test func takesNothingAfterItsEnd() {
        let pool = WorkerPool(limit: 1)
        pool.stop()
        let isTaken = pool.run { _ in Issue.record("ran after the end") }
        #expect(!isTaken)
    }

    @Test func earlyWorkLeavesThreadsToWhoWaits() {
        let pool = WorkerPool(limit: 3, early: 1)
        let state = Locked((early: 0, most: 0, awaited: 0, isReleased: false))
        let changed = Condition()
        for _ in 0..<5 {
            _ = pool.run(.early) { _ in
                state.withLock(waitingOn: changed) { state, waiter in
                    state.early += 1
                    state.most = max(state.most, state.early)
                    while !state.isReleased { waiter.wait(for: &state) }
                    state.early -= 1
                }
            }
        }
        for _ in 0..<5 {
            _ = pool.run { _ in
                state.withLock { $0.awaited += 1 }
                changed.broadcast()
            }
        }
        let deadline = MonotonicTime.now.advanced(milliseconds: 60_000)
        state.withLock(waitingOn: changed) { state, waiter in
            while state.awaited < 5, waiter.wait(for: &state, until: deadline) {}
            #expect(state.awaited == 5)
            state.isReleased = true
        }
        changed.broadcast()
        pool.stop()
        #expect(state.withLock { $0.most } == 1)
    }
}
