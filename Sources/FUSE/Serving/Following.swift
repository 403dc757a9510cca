// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Keeps the serving thread on the processor of the thread that it serves; see ``FollowingPolicy``.
///
/// To wake another processor takes longer than to serve a small request, many times so in a virtual machine. But the scheduler
/// wakes who was answered on a processor that is idle, if there is one. So ``WakefulPlace`` keeps the one awake for a
/// moment that was left; afterwards it has been idle for longer, and is no better than another.
///
/// For the serving thread.
struct Following: ~Copyable {
    /// Requests that do not come for so long, milliseconds, are no longer waited for at that place.
    static let patience: Int32 = 20

    private var policy = FollowingPolicy()
    private let left = WakefulPlace()

    /// Whether the thread keeps to one processor.
    var isKeptToOne: Bool { policy.place != nil }

    /// A request of `thread` was answered at once, with so many bytes.
    @inline(__always) mutating func served(_ thread: UInt32, replyOf count: Int) {
        let step = policy.served(thread, replyOf: count)
        if step != .nothing { follow(step, thread) }
    }

    /// A request was answered after a wait, or will be.
    @inline(__always) mutating func servedLate() {
        let step = policy.servedLate()
        if step != .nothing { take(step) }
    }

    /// Lets the thread run anywhere again.
    mutating func leave() { take(policy.leave()) }

    private mutating func follow(_ step: FollowingPolicy.Step, _ thread: UInt32) {
        guard step == .look else { return take(step) }
        let usable = Processors.usable
        let processor = usable.count > 1 ? RunningThread.processor(of: thread) : nil
        let before = policy.place
        let next = policy.found(at: processor.flatMap { usable.contains($0) ? $0 : nil })
        take(next)
        if case .move = next, let before { left.stayAwake(at: before) }
    }

    private func take(_ step: FollowingPolicy.Step) {
        switch step {
        case .nothing, .look: break
        case .leave: Processors.keepThread(to: Processors.usable)
        case .move(let processor): Processors.keepThread(to: [processor])
        }
    }
}
