// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Threads that decode, so that no source's own thread has to; they start with the first job.
final class DecodingCrew: Sendable {
    typealias Job = @Sendable (ChunkDecoder) -> Void

    private let queue = JobQueue()
    private let threadCount: Int
    private let threads = Locked<[NamedThread]>([])

    /// A crew of at most `threadCount` threads.
    init(threadCount: Int) { self.threadCount = max(1, threadCount) }

    deinit { queue.close() }

    /// Runs `job` on one of the threads, or here and now when none can be started.
    func submit(_ job: @escaping Job) {
        if start() { queue.add(job) } else { job(ChunkDecoder()) }
    }

    private func start() -> Bool {
        threads.withLock { threads in
            while threads.count < threadCount {
                let queue = queue
                guard let thread = try? NamedThread("decode", { queue.serve() }) else { break }
                threads.append(thread)
            }
            return !threads.isEmpty
        }
    }
}

/// Jobs that wait for a thread, first come, first served.
private final class JobQueue: Sendable {
    private struct State {
        var jobs: [DecodingCrew.Job] = []
        var isClosed = false
    }

    private let state = Locked(State())
    private let changed = Condition()

    func add(_ job: @escaping DecodingCrew.Job) {
        state.withLock { $0.jobs.append(job) }
        changed.signal()
    }

    func close() {
        state.withLock { $0.isClosed = true }
        changed.broadcast()
    }

    func serve() {
        let decoder = ChunkDecoder()
        while let job = next() { job(decoder) }
    }

    /// The next job; nil when the queue is closed and empty.
    private func next() -> DecodingCrew.Job? {
        state.withLock(waitingOn: changed) { state, waiter in
            while state.jobs.isEmpty {
                if state.isClosed { return nil }
                waiter.wait(for: &state)
            }
            return state.jobs.removeFirst()
        }
    }
}
