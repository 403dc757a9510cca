// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A few threads for work that would make the serving thread wait: cold disk reads and decoding.
///
/// Threads start when there is work and none is free, up to the limit, and then stay. Each has a reply buffer of its own.
package final class WorkerPool: Sendable {
    /// Work with the reply buffer of its worker, which comes empty.
    package typealias Job = @Sendable (ReplyBuffer) -> Void

    /// How soon a job is to be done.
    package enum Urgency: Sendable {
        /// Somebody waits for it.
        case awaited
        /// Nobody waits for it yet: done when nothing else is to be done.
        case early
    }

    private struct State: ~Copyable {
        var jobs: Jobs
        var idle = 0
        var started = 0
        var threads: [NamedThread] = []
        var isStopping = false
    }

    private let state: Locked<State>
    private let work = Condition()
    private let limit: Int

    /// - Parameters:
    ///   - limit: Threads at most.
    ///   - early: Of them how many do what nobody waits for yet at most: more than there are processors only take turns.
    package init(limit: Int, early: Int = .max) {
        self.limit = max(1, limit)
        state = Locked(State(jobs: Jobs(early: max(1, early))))
    }

    /// Runs `job` on a worker.
    ///
    /// - Returns: False when the job was not taken: after `stop()`, or when the system has no thread to give.
    package func run(_ urgency: Urgency = .awaited, _ job: @escaping Job) -> Bool {
        let mustStart: Bool? = state.withLock { state in
            guard !state.isStopping else { return nil }
            state.jobs.append(job, urgency)
            guard state.idle < state.jobs.ready, state.started < limit else { return false }
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
            state.jobs.forget()
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
            state.jobs.forget()
            return false
        }
    }

    private func serve() {
        let buffer = ReplyBuffer()
        var last: Urgency?
        while let (job, urgency) = nextJob(after: last) {
            buffer.reset()
            job(buffer)
            last = urgency
        }
    }

    /// Waits for a job, when the thread has done its last.
    private func nextJob(after last: Urgency?) -> (Job, Urgency)? {
        state.withLock(waitingOn: work) { state, waiter in
            if let last { state.jobs.isDone(last) }
            state.idle += 1
            defer { state.idle -= 1 }
            while true {
                if let next = state.jobs.next() { return next }
                if state.isStopping { return nil }
                waiter.wait(for: &state)
            }
        }
    }
}

/// The jobs that nobody has taken yet, the awaited ones first.
private struct Jobs {
    private var awaited = JobQueue()
    private var early = JobQueue()
    /// How many more of the early ones may be done at the same time.
    private var earlyLeft: Int

    /// - Parameter early: How many early jobs may be done at the same time.
    init(early: Int) { earlyLeft = early }

    /// Jobs that would be done now if there were threads.
    var ready: Int { awaited.count + min(early.count, earlyLeft) }

    mutating func append(_ job: @escaping WorkerPool.Job, _ urgency: WorkerPool.Urgency) {
        switch urgency {
        case .awaited: awaited.append(job)
        case .early: early.append(job)
        }
    }

    mutating func next() -> (WorkerPool.Job, WorkerPool.Urgency)? {
        if let job = awaited.next() { return (job, .awaited) }
        guard earlyLeft > 0, let job = early.next() else { return nil }
        earlyLeft -= 1
        return (job, .early)
    }

    /// A job that was taken is done.
    mutating func isDone(_ urgency: WorkerPool.Urgency) { if urgency == .early { earlyLeft += 1 } }

    mutating func forget() {
        awaited = JobQueue()
        early = JobQueue()
    }
}

/// Jobs in the order in which they came.
private struct JobQueue {
    private var jobs: [WorkerPool.Job] = []
    private var taken = 0

    var count: Int { jobs.count - taken }

    mutating func append(_ job: @escaping WorkerPool.Job) { jobs.append(job) }

    /// Takes out the oldest job.
    mutating func next() -> WorkerPool.Job? {
        guard taken < jobs.count else { return nil }
        let job = jobs[taken]
        taken += 1
        // What was taken is dropped now and then, so that a queue that is never empty does not grow.
        if taken == jobs.count || taken >= 64 {
            jobs.removeFirst(taken)
            taken = 0
        }
        return job
    }
}
