// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
package import Primitives
import Synchronization

/// What becomes of a request.
package enum Outcome: Equatable, Sendable {
    /// The reply is what the handler put into the buffer.
    case reply
    /// The same after a wait: the next request is not likely to follow at once.
    case slowReply
    /// The reply is this error number, above 0.
    case fail(Int32)
    /// The handler has made a `PendingReply` of it.
    case later
    /// The same, because nobody else was there for the next request: else the thread would have waited itself.
    case crowded
    /// The handler has sent the reply.
    case sent
    /// The kernel wants no reply.
    case done
}

/// Answers requests; called by the serving thread, one at a time.
///
/// It must not wait for anything.
package protocol RequestHandler: AnyObject {
    /// Serves one request; the payload of the reply goes into `reply`, which comes empty.
    func serve(_ request: Request, into reply: ReplyBuffer) -> Outcome
    /// The kernel has agreed on the mount: from now on it answers everybody.
    func begin()
}

/// Answers requests on several threads at once.
package protocol ConcurrentRequestHandler: RequestHandler, Sendable {
    /// As ``RequestHandler/serve(_:into:)``, on any thread.
    ///
    /// - Parameters:
    ///   - seat: A number that the thread has for itself; 0 is the serving thread's.
    ///   - channel: Where the reply goes if it comes later.
    func serve(_ request: Request, into reply: ReplyBuffer, at seat: Int, answering channel: any ReplyChannel)
        -> Outcome
}

/// What serves requests in the place of the serving thread, when kernel and server agree on that.
package protocol RingServing: Sendable {
    /// Makes ready; false when that fails.
    func prepare() -> Bool
    /// Starts, or lets all go.
    func begin(_ isAgreed: Bool)
}

/// The loop of the serving thread: receive, serve, reply.
///
/// One thread serves all requests as long as it keeps up, because every hand-over between threads costs more than a request.
package struct ServingLoop: ~Copyable {
    /// Why a loop ended.
    package enum End: Equatable, Sendable {
        /// Unmounted from outside.
        case unmounted
        /// A signal asked for it.
        case signal(Int32)
        /// The device failed.
        case failed(SystemError)
    }

    private let receiver: Receiver
    private let signals: SignalWatch
    private var idle = IdlePolicy()
    /// How to sleep while companions sleep at the device.
    private var exclusive: ExclusiveWait?
    private var crowd = Backlog(.waiting)
    /// Nil when the thread runs where the scheduler wants it.
    private var following: Following?

    /// Under unbroken load signals are looked at once in so many requests.
    private static let signalInterval = 1024

    /// How many threads may serve at the device of this machine: on few processors one that is never alone costs more than it
    /// brings.
    package static var threads: Int { threads(processors: Processors.online) }

    /// How many may be there when each waits for the disk with one reader.
    package static let threadsForDisk = 6

    static func threads(processors: Int) -> Int { processors < 4 ? 1 : min(processors / 2, 4) }

    package init(_ session: Session, signals: SignalWatch) {
        receiver = Receiver(session)
        self.signals = signals
        following = session.follows ? Following() : nil
    }

    /// Serves until the file system is unmounted or a signal comes; runs on the thread that calls it.
    ///
    /// - Parameters:
    ///   - rings: Threads that serve instead, if the kernel agrees; it only sends here what needs no answer then.
    ///   - help: Called when requests come faster than they are served, or when more of them wait than threads.
    package mutating func run<Handler: RequestHandler>(
        _ handler: Handler, rings: (any RingServing)? = nil, callingFor help: (Shortage) -> Void = { _ in }
    ) -> End {
        var untilSignals = ServingLoop.signalInterval
        var backlog = Backlog(.serving)
        while true {
            switch receiver.receive() {
            case .request(let count):
                if backlog.hasGrown() { help(.serving) }
                switch serve(count, handler, rings) {
                case .quick: idle.served(at: MonotonicTime.now.nanoseconds)
                case .slow: idle.slowed()
                case .crowded:
                    idle.slowed()
                    if crowd.hasGrown() { help(.waiting) }
                }
                untilSignals -= 1
                guard untilSignals == 0 else { continue }
                untilSignals = ServingLoop.signalInterval
                if let signal = signals.pending { return .signal(signal) }
            case .nothing:
                backlog.wasEmpty()
                if let signal = wait() { return .signal(signal) }
            case .gone: continue
            case .unmounted: return .unmounted
            case .failed: return .failed(SystemError("read", on: "/dev/fuse"))
            }
        }
    }

    /// Serves the request in the buffer.
    private mutating func serve(
        _ count: Int, _ handler: some RequestHandler, _ rings: (any RingServing)?
    ) -> Pace {
        guard let request = receiver.request(count) else { return .quick }
        if request.rawOpcode == Opcode.initialize.rawValue || request.rawOpcode == Opcode.destroy.rawValue {
            negotiate(count, request, handler, rings)
            return .quick
        }
        receiver.reply.reset()
        let outcome = handler.serve(request, into: receiver.reply)
        let pace = receiver.answer(request, outcome)
        // What was sent from elsewhere was worth to be made ahead.
        let count = outcome == .sent ? .max : receiver.reply.count
        switch pace {
        case .quick: following?.served(request.threadID, replyOf: count)
        case .slow, .crowded: following?.servedLate()
        }
        return pace
    }

    private mutating func negotiate(
        _ count: Int, _ request: Request, _ handler: some RequestHandler, _ rings: (any RingServing)?
    ) {
        receiver.negotiate(count, request, preparingRings: { rings?.prepare() ?? false })
        guard request.rawOpcode == Opcode.initialize.rawValue else { return }
        rings?.begin(receiver.session.negotiated.usesRings)
        if receiver.session.negotiated.usesRings { following = nil }
        handler.begin()
    }

    /// Waits for a request or a signal, awake or asleep.
    private mutating func wait() -> Int32? {
        let now = MonotonicTime.now.nanoseconds
        if idle.mayYield(at: now) {
            sched_yield()
            idle.yielded(from: now, to: MonotonicTime.now.nanoseconds)
            return nil
        }
        defer { idle.slept(until: MonotonicTime.now.nanoseconds) }
        if receiver.session.companions.load(ordering: .relaxed) == 0 {
            exclusive = nil
        } else {
            if exclusive == nil {
                exclusive = ExclusiveWait(at: receiver.session.descriptor, or: signals.descriptor)
            }
            // Several ask.
            following?.leave()
        }
        if let end = exclusive?.sleep(atMost: nil, among: receiver.session.sleepers) {
            return end == .shared ? signals.pending : nil
        }
        let limit = following?.isKeptToOne == true ? Following.patience : -1
        let (isOver, hasSignal) = sleep(atMost: limit)
        if isOver { following?.leave() }
        return hasSignal ? signals.pending : nil
    }

    /// Sleeps, so many milliseconds at most, or for ever with -1.
    private func sleep(atMost limit: Int32) -> (isOver: Bool, hasSignal: Bool) {
        withUnsafeTemporaryAllocation(of: pollfd.self, capacity: 2) { events in
            events.initializeElement(
                at: 0, to: pollfd(fd: receiver.session.descriptor, events: Int16(POLLIN), revents: 0))
            events.initializeElement(at: 1, to: pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0))
            let found = poll(events.baseAddress, 2, limit)
            return (found == 0, found > 0 && events[1].revents != 0)
        }
    }
}
