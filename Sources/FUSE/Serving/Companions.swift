// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives
import Synchronization

/// What a serving thread calls companions for.
package enum Shortage: Sendable {
    /// Requests come faster than it serves them.
    case serving
    /// More readers wait for the disk than threads that can wait with them.
    case waiting
}

/// Threads that serve beside the serving thread while it cannot keep up.
///
/// They start when they are called for the first time, and leave again, to sleep, as soon as they find nothing to do: on few
/// processors a second thread costs more than it brings. Those that are called for readers of a cold disk sleep at the
/// device instead, so that a read goes to the thread that waits for the disk with it, and to no other; they leave when the
/// reads do not wait any more.
package final class Companions<Handler: ConcurrentRequestHandler>: Sendable {
    private struct State: ~Copyable {
        var threads: [NamedThread] = []
        /// Threads that were started, or are about to be; their seats are 1 to this.
        var started = 0
        /// A call that no thread has followed yet.
        var call: Shortage?
        var sleeping = 0
        var isStopping = false
    }

    /// Who follows a call.
    private enum Follower {
        case nobody, sleeper
        case newcomer(seat: Int)
    }

    /// A companion that finds nothing for so long leaves; nanoseconds.
    private static var patience: UInt64 { 50_000 }
    /// One that waits for the disk leaves when it sleeps for so long; milliseconds.
    private static var disinterest: Int32 { 20 }
    /// Or when so many turns in a row brought no read that waits.
    private static var futileTurns: Int { 16 }

    private let session: Session
    private let handler: Handler
    private let limits: CompanionLimits
    private let state = Locked(State())
    private let called = Condition()
    private let isStopping = Atomic<Bool>(false)
    /// Has something when those that sleep at the device are to end; nil when the system had none to give.
    private let bell: Bell?

    package init(_ session: Session, _ handler: Handler, limits: CompanionLimits) {
        self.session = session
        self.handler = handler
        self.limits = limits
        bell = try? Bell()
    }

    /// Asks one more companion to come, if there is one that sleeps or may be started.
    package func call(_ shortage: Shortage) {
        let follower: Follower = state.withLock { state in
            guard !state.isStopping, state.call == nil, state.started - state.sleeping < limits[shortage] else {
                return .nobody
            }
            state.call = shortage
            guard state.sleeping == 0 else { return .sleeper }
            state.started += 1
            return .newcomer(seat: state.started)
        }
        switch follower {
        case .nobody: break
        case .sleeper: called.signal()
        case .newcomer(let seat): start(at: seat)
        }
    }

    /// Ends the threads, and waits for them.
    package func stop() {
        isStopping.store(true, ordering: .relaxed)
        let threads = state.withLock { state in
            state.isStopping = true
            return state.threads
        }
        called.broadcast()
        bell?.ring()
        for thread in threads { thread.join() }
    }

    private func start(at seat: Int) {
        // Without a thread it goes on as it did; the seat stays empty.
        let thread = try? NamedThread("companion", { [self] in live(at: seat) })
        state.withLock { state in
            if let thread { state.threads.append(thread) } else { state.call = nil }
        }
    }

    private func live(at seat: Int) {
        let receiver = Receiver(session)
        while let shortage = nextCall() {
            switch shortage {
            case .serving: serve(receiver, at: seat)
            case .waiting: waitForDisk(receiver, at: seat)
            }
        }
    }

    private func nextCall() -> Shortage? {
        state.withLock(waitingOn: called) { state, waiter in
            state.sleeping += 1
            defer { state.sleeping -= 1 }
            while state.call == nil, !state.isStopping { waiter.wait(for: &state) }
            return state.isStopping ? nil : state.call.take()
        }
    }

    /// Serves as long as there is something to do.
    private func serve(_ receiver: borrowing Receiver, at seat: Int) {
        var backlog = Backlog(.serving)
        var emptySince: UInt64?
        while !isStopping.load(ordering: .relaxed) {
            switch receiver.receive() {
            case .request(let count):
                emptySince = nil
                if backlog.hasGrown() { call(.serving) }
                _ = answer(count, receiver, at: seat)
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

    /// Serves as long as reads wait for the disk.
    private func waitForDisk(_ receiver: borrowing Receiver, at seat: Int) {
        guard let bell, let turn = ExclusiveWait(at: session.descriptor, or: bell.descriptor) else { return }
        session.companions.add(1, ordering: .relaxed)
        defer { session.companions.subtract(1, ordering: .relaxed) }
        var crowd = Backlog(.waiting)
        var futile = 0
        var (hasServed, hasWaited) = (false, false)
        var lastSleep: ExclusiveWait.End?
        while !isStopping.load(ordering: .relaxed) {
            switch receiver.receive() {
            case .request(let count):
                hasServed = true
                let pace = answer(count, receiver, at: seat)
                if pace != .quick { hasWaited = true }
                if pace == .crowded, crowd.hasGrown() { call(.waiting) }
            case .nothing:
                futile = hasWaited ? 0 : futile + 1
                // Others may wait for the disk because this thread is here: so it stays until it sees one of them.
                let foundNothing = lastSleep == .device && !hasServed
                let seesOthers = foundNothing || session.sleepers.load(ordering: .relaxed) > 0
                // Never between waking up and looking: what woke this thread has woken no other.
                if seesOthers, lastSleep == .time || futile >= Companions.futileTurns { return }
                lastSleep = turn.sleep(atMost: Companions.disinterest, among: session.sleepers)
                guard lastSleep != .shared else { return }
                (hasServed, hasWaited) = (false, false)
            case .gone: continue
            case .unmounted, .failed: return
            }
        }
    }

    @inline(__always)
    private func answer(_ count: Int, _ receiver: borrowing Receiver, at seat: Int) -> Pace {
        guard let request = receiver.request(count) else { return .quick }
        receiver.reply.reset()
        return receiver.answer(request, handler.serve(request, into: receiver.reply, at: seat, answering: session))
    }
}

/// How many companions may be there at once.
package struct CompanionLimits: Sendable {
    /// Of those that serve what comes too fast.
    let serving: Int
    /// Together with those that wait for the disk.
    let waiting: Int

    /// - Parameter serving: Threads at most that serve what comes too fast, the serving thread among them.
    package init(serving: Int, waiting: Int) {
        self.serving = max(0, serving - 1)
        self.waiting = max(0, waiting - 1)
    }

    subscript(shortage: Shortage) -> Int {
        switch shortage {
        case .serving: serving
        case .waiting: waiting
        }
    }

    /// Seats of companions.
    package var most: Int { max(serving, waiting) }
}

/// Notices that help is needed.
struct Backlog: Equatable {
    private let limit: Int
    private var row = 0

    init(_ shortage: Shortage) { limit = Backlog.limit(shortage) }

    /// So many requests in a row are more than a burst, or a coincidence.
    static func limit(_ shortage: Shortage) -> Int {
        switch shortage {
        case .serving: 128
        case .waiting: 4
        }
    }

    /// A request was there at once, or had to go to a worker because nobody else was there; true when help is to be called.
    @inline(__always) mutating func hasGrown() -> Bool {
        row += 1
        guard row == limit else { return false }
        row = 0
        return true
    }

    /// There was none.
    @inline(__always) mutating func wasEmpty() { row = 0 }
}
