// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives
import Synchronization

/// The threads that serve requests from rings, once kernel and server have agreed on that.
///
/// Made ready before the agreement, since afterwards nobody else can answer.
package final class RingThreads<Handler: ConcurrentRequestHandler>: RingServing {
    /// What the threads wait for.
    private enum Signal {
        case wait
        case serve
        case end
    }

    private struct State: ~Copyable {
        var signal = Signal.wait
        var members: [RingThread] = []
        var threads: [NamedThread] = []
        /// Threads that have lent the kernel all entries but their first.
        var begun = 0
    }

    private let session: Session
    private let handler: Handler
    private let plan: RingPlan?
    private let firstSeat: Int
    private let state = Locked(State())
    private let given = Condition()
    private let failed = Atomic<Bool>(false)

    /// - Parameters:
    ///   - plan: How many threads; nil for none.
    ///   - firstSeat: The first seat that the threads take, one each.
    package init(_ session: Session, _ handler: Handler, _ plan: RingPlan?, firstSeat: Int) {
        self.session = session
        self.handler = handler
        self.firstSeat = firstSeat
        self.plan = plan
    }

    /// Whether a thread could not go on; then the mount ends.
    package var hasFailed: Bool { failed.load(ordering: .relaxed) }

    /// Makes all rings and threads, which then wait.
    ///
    /// - Returns: False when one could not be made; then there are none.
    package func prepare() -> Bool {
        guard let plan else { return false }
        do throws(SystemError) {
            guard try RingThread.isPossible(session.descriptor) else { return false }
            let queues = (0..<plan.queueCount).map { RingQueue(UInt16(truncatingIfNeeded: $0)) }
            let askers = Whereabouts()
            let large = LargeReplies()
            for (index, part) in plan.parts.enumerated() {
                let member = try RingThread(
                    part, part.queues.map { queues[$0] }, of: queues, askers, large, device: session.descriptor)
                let thread = try NamedThread("ring-\(index)") { [self] in live(member, seat: firstSeat + index) }
                state.withLock { state in
                    state.members.append(member)
                    state.threads.append(thread)
                }
            }
            return true
        } catch {
            signal(.end)
            join()
            return false
        }
    }

    /// Lets the threads serve, or end when there was no agreement.
    package func begin(_ isAgreed: Bool) {
        signal(isAgreed ? .serve : .end)
        if !isAgreed { join() }
    }

    /// Ends the threads once they have committed what was answered, and waits for them.
    package func stop() {
        signal(.end)
        for member in state.withLock({ $0.members }) { member.mailbox.stop() }
        join()
    }

    private func signal(_ signal: Signal) {
        state.withLock { $0.signal = signal }
        given.broadcast()
    }

    private func join() {
        let threads = state.withLock { state in
            defer { state.threads = [] }
            return state.threads
        }
        for thread in threads { thread.join() }
        state.withLock { $0.members = [] }
    }

    /// Waits until all threads have come so far.
    private func awaitOthers() {
        state.withLock(waitingOn: given) { state, waiter in
            state.begun += 1
            while state.begun < state.members.count, case .serve = state.signal { waiter.wait(for: &state) }
        }
        given.broadcast()
    }

    private func live(_ member: RingThread, seat: Int) {
        let mayServe = state.withLock(waitingOn: given) { state, waiter in
            while case .wait = state.signal { waiter.wait(for: &state) }
            if case .serve = state.signal { return true }
            return false
        }
        guard mayServe else { return }
        member.begin()
        awaitOthers()
        guard !member.serve(handler, at: seat) else { return }
        // Requests of its processors would wait for ever: the whole mount has to end, as a signal ends it.
        failed.store(true, ordering: .relaxed)
        kill(getpid(), SIGTERM)
    }
}
