// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives
import Synchronization

/// Threads that serve beside the serving thread while it cannot keep up.
///
/// They start when they are called for the first time, and leave again, to sleep, as soon as they find nothing to do: on few
/// processors a second thread costs more than it brings.
package final class Companions<Handler: ConcurrentRequestHandler>: Sendable {
    private struct State: ~Copyable {
        var threads: [NamedThread] = []
        /// Threads that were started, or are about to be; their seats are 1 to this.
        var started = 0
        /// Calls that no thread has followed yet.
        var calls = 0
        var sleeping = 0
        var isStopping = false
    }

    /// A companion that finds nothing for so long leaves; nanoseconds.
    private static var patience: UInt64 { 50_000 }

    private let session: Session
    private let handler: Handler
    private let limit: Int
    private let state = Locked(State())
    private let called = Condition()
    private let isStopping = Atomic<Bool>(false)

    /// - Parameter limit: Threads at most; with 0 calls are in vain.
    package init(_ session: Session, _ handler: Handler, limit: Int) {
        self.session = session
        self.handler = handler
        self.limit = max(0, limit)
    }

    /// Asks one more companion to come, if there is one that sleeps or may be started.
    package func call() {
        let seat: Int? = state.withLock { state in
            guard !state.isStopping else { return nil }
            if state.sleeping > state.calls {
                state.calls += 1
                return nil
            }
            guard state.started < limit, state.calls == 0 else { return nil }
            state.calls += 1
            state.started += 1
            return state.started
        }
        if let seat { start(at: seat) } else { called.signal() }
    }

    /// Ends the threads, and waits for them.
    package func stop() {
        isStopping.store(true, ordering: .relaxed)
        let threads = state.withLock { state in
            state.isStopping = true
            return state.threads
        }
        called.broadcast()
        for thread in threads { thread.join() }
    }

    private func start(at seat: Int) {
        // Without a thread it goes on as it did, and does not try again.
        let thread = try? NamedThread("companion", { [self] in live(at: seat) })
        state.withLock { state in
            if let thread { state.threads.append(thread) } else { state.calls -= 1 }
        }
    }

    private func live(at seat: Int) {
        let receiver = Receiver(session)
        while isCalled() { serve(receiver, at: seat) }
    }

    private func isCalled() -> Bool {
        state.withLock(waitingOn: called) { state, waiter in
            state.sleeping += 1
            defer { state.sleeping -= 1 }
            while state.calls == 0, !state.isStopping { waiter.wait(for: &state) }
            guard !state.isStopping else { return false }
            state.calls -= 1
            return true
        }
    }

    /// Serves as long as there is something to do.
    private func serve(_ receiver: borrowing Receiver, at seat: Int) {
        var backlog = Backlog()
        var emptySince: UInt64?
        while !isStopping.load(ordering: .relaxed) {
            switch receiver.receive() {
            case .request(let count):
                emptySince = nil
                if backlog.hasGrown() { call() }
                guard let request = receiver.request(count) else { continue }
                receiver.reply.reset()
                let outcome = handler.serve(request, into: receiver.reply, at: seat, answering: session)
                _ = receiver.answer(request, outcome)
            case .nothing:
                backlog.wasEmpty()
                let now = MonotonicTime.now.nanoseconds
                if let emptySince, now &- emptySince > Companions.patience { return }
                emptySince = emptySince ?? now
                sched_yield()
            case .gone: continue
            // The serving thread finds the same, and ends the mount.
            case .unmounted, .failed: return
            }
        }
    }
}

/// Notices that requests come faster than they are served.
struct Backlog: Equatable {
    /// So many requests in a row that were there at once are more than a burst.
    static let limit = 128

    private var row = 0

    /// A request was there at once; true when help is to be called.
    @inline(__always) mutating func hasGrown() -> Bool {
        row += 1
        guard row == Backlog.limit else { return false }
        row = 0
        return true
    }

    /// There was none.
    @inline(__always) mutating func wasEmpty() { row = 0 }
}
