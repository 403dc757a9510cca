// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Decides when the serving thread looks where the thread runs that it serves, and whether it follows to that processor.
///
/// Only a thread that asks alone is followed, and only as long as the replies are small and come at once: who waits for one
/// does nothing meanwhile, but a large one is copied while he works on the one before; and where he waits for a disk,
/// another processor may be told first when that is done.
struct FollowingPolicy: Equatable, Sendable {
    /// Requests of one thread in a row after which to look: at first, and the more often it was found where it was before.
    static let interval: ClosedRange<Int> = 16...64
    /// So many times another thread may ask in between.
    static let strangers = 16
    /// Bytes of the largest reply that is small.
    static let largest = LargeReplies.size
    /// Replies in a row that are large, or come after a wait, after which no small one is expected next.
    static let others = 16
    /// Looks that found the thread gone, less those that found it here, after which it is left alone for a while.
    static let tries = 32
    /// That while in requests: at first, and at most.
    static let rest: ClosedRange<Int> = 1024...(1 << 20)

    /// What to do next.
    enum Step: Equatable {
        case nothing
        /// Find out where the thread runs, and tell it with ``found(at:)``.
        case look
        /// Run anywhere again.
        case leave
        /// Run on this processor.
        case move(to: Int32)
    }

    /// Where the serving thread keeps to; nil when it runs anywhere.
    private(set) var place: Int32?
    private var thread: UInt32 = 0
    /// Requests of the thread since the last look.
    private var row = 0
    private var interval = FollowingPolicy.interval.lowerBound
    private var strangers = 0
    /// Large and late replies since the last other one.
    private var others = 0
    private var misses = 0
    /// Requests that are still to come before the next try.
    private var resting = 0
    private var nextRest = FollowingPolicy.rest.lowerBound

    /// A request of `thread` was answered at once, with so many bytes.
    @inline(__always) mutating func served(_ thread: UInt32, replyOf count: Int) -> Step {
        guard resting == 0 else {
            resting -= 1
            return .nothing
        }
        // The kernel asks by itself, or a thread of another process namespace.
        guard thread != 0 else { return .nothing }
        guard count <= FollowingPolicy.largest else { return servedOther() }
        others = 0
        guard thread == self.thread else { return changed(to: thread) }
        row += 1
        guard row >= interval else { return .nothing }
        row = 0
        return .look
    }

    /// A request was answered after a wait, or will be.
    @inline(__always) mutating func servedLate() -> Step { resting == 0 ? servedOther() : .nothing }

    private mutating func servedOther() -> Step {
        others += 1
        return others >= FollowingPolicy.others ? leave() : .nothing
    }

    /// Requests have ceased, or others serve as well.
    mutating func leave() -> Step {
        row = 0
        guard place != nil else { return .nothing }
        place = nil
        return .leave
    }

    /// The thread was found at a processor; nil when that cannot be found out.
    mutating func found(at processor: Int32?) -> Step {
        strangers = 0
        guard let processor else { return giveUp() }
        guard processor != place else {
            misses = max(0, misses - 1)
            interval = min(interval * 2, FollowingPolicy.interval.upperBound)
            nextRest = FollowingPolicy.rest.lowerBound
            return .nothing
        }
        interval = FollowingPolicy.interval.lowerBound
        if place != nil { misses += 1 }
        guard misses < FollowingPolicy.tries else { return giveUp() }
        place = processor
        return .move(to: processor)
    }

    private mutating func changed(to thread: UInt32) -> Step {
        self.thread = thread
        row = 0
        strangers += 1
        guard strangers >= FollowingPolicy.strangers else { return .nothing }
        strangers = 0
        return leave()
    }

    private mutating func giveUp() -> Step {
        misses = 0
        resting = nextRest
        nextRest = min(nextRest * 2, FollowingPolicy.rest.upperBound)
        return leave()
    }
}
