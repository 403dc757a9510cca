// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A few threads for work that would make the serving thread wait: cold disk reads and decoding.
///
/// Threads start when there is work and none is free, up to the limit, and then stay. Each has a reply buffer of its own.
package final class WorkerPool: Sendable {
    private struct State: ~Copyable {
        var queue: [@Sendable (ReplyBuffer) -> Void] = []
        var next = 0
        var idle = 0
        var started = 0
        var threads: [NamedThread] = []
        var isStopping = false
    }

    private let state = Locked(State())
    private let work = Condition()
    private let limit: Int

    package init(limit: Int) { self.limit = max(1, limit) }

    /// Runs `job` on a worker.
    ///
    /// - Returns: False when the job was not taken: after `stop()`, or when the system has no thread to give.
    package func run(_ job: @escaping @Sendable (ReplyBuffer) -> Void) -> Bool {
        let mustStart: Bool? = state.withLock { state in
            guard !state.isStopping else { return nil }
            state.queue.append(job)
            guard state.idle < state.queue.count - state.next, state.started < limit else { return false }
            state.started += 1
            return true
        }
        guard let mustStart else { return false }
        if mustStart, !start() { return false }
        work.signal()
        return true
    }

    /// Ends the threads after their present jobs, and waits for them.
    package func stop() {
        let threads = state.withLock { state in
            state.isStopping = true
            state.queue = []
            state.next = 0
            return state.threads
        }
        work.broadcast()
        for thread in threads { thread.join() }
    }

    /// Starts a thread.
    ///
    /// When there is none to be had and none works already, the queue is given up.
    private func start() -> Bool {
        if let thread = try? NamedThread("worker", { [self] in serve() }) {
            state.withLock { $0.threads.append(thread) }
            return true
        }
        return state.withLock { state in
            state.started -= 1
            guard state.started == 0 else { return true }
            state.queue = []
            state.next = 0
            return false
        }
    }

    private func serve() {
        let buffer = ReplyBuffer()
        while let job = nextJob() {
            buffer.reset()
            job(buffer)
        }
    }

    private func nextJob() -> (@Sendable (ReplyBuffer) -> Void)? {
        state.withLock(waitingOn: work) { state, waiter in
            state.idle += 1
            defer { state.idle -= 1 }
            while state.next == state.queue.count {
                if state.isStopping { return nil }
                waiter.wait(for: &state)
            }
            let job = state.queue[state.next]
            state.next += 1
            // What was taken is dropped now and then, so that a queue that is never empty does not grow.
            if state.next == state.queue.count || state.next >= 64 {
                state.queue.removeFirst(state.next)
                state.next = 0
            }
            return job
        }
    }
}
