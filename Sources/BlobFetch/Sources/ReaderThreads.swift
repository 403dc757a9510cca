// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A few threads that read local files for fetches, because a cold disk or a network mount may make them wait.
final class ReaderThreads: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var idle = 0
        var threads = 0
        var isStopping = false
    }

    /// Threads at most.
    static let limit = 4

    /// What the threads hold on to; they go when their owner goes.
    private final class Queue: Sendable {
        let state = Locked(State())
        let work = Condition()

        func next() -> (@Sendable () -> Void)? {
            state.withLock(waitingOn: work) { state, waiter in
                state.idle += 1
                defer { state.idle -= 1 }
                while state.jobs.isEmpty {
                    if state.isStopping { return nil }
                    waiter.wait(for: &state)
                }
                return state.jobs.removeFirst()
            }
        }
    }

    private let queue = Queue()

    deinit {
        queue.state.withLock { $0.isStopping = true }
        queue.work.broadcast()
    }

    /// Runs `job` on one of the threads, in turn.
    func run(_ job: @escaping @Sendable () -> Void) {
        let mustStart: Bool = queue.state.withLock { state in
            state.jobs.append(job)
            guard state.idle < state.jobs.count, state.threads < ReaderThreads.limit else { return false }
            state.threads += 1
            return true
        }
        if mustStart {
            let queue = queue
            let thread = try? NamedThread("blob-file") { while let job = queue.next() { job() } }
            if thread == nil { queue.state.withLock { $0.threads -= 1 } }
        }
        queue.work.signal()
    }
}
