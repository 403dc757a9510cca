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
        var threads: [NamedThread] = []
        var isStopping = false
    }

    private let state = Locked(State())
    private let work = Condition()
    private let limit: Int

    package init(limit: Int) { self.limit = max(1, limit) }

    /// Runs `job` on a worker; after `stop()` it is dropped.
    package func run(_ job: @escaping @Sendable (ReplyBuffer) -> Void) {
        let mustStart: Bool = state.withLock { state in
            guard !state.isStopping else { return false }
            state.queue.append(job)
            return state.idle < state.queue.count - state.next && state.threads.count < limit
        }
        if mustStart { start() }
        work.signal()
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

    private func start() {
        guard let thread = try? NamedThread("worker", { [self] in serve() }) else { return }
        state.withLock { $0.threads.append(thread) }
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
                waiter.wait()
            }
            let job = state.queue[state.next]
            state.next += 1
            if state.next == state.queue.count {
                state.queue.removeAll(keepingCapacity: true)
                state.next = 0
            }
            return job
        }
    }
}
