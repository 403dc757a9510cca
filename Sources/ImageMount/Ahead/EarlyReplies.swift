// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import FUSE
import Primitives
import Synchronization

/// The replies that were made, or are being made, before they are asked for.
///
/// What one thread decodes for a sequential reader leaves the other processors idle: the kernel asks for little more than
/// the reader has asked for. So workers make the replies to the reads that will follow.
final class EarlyReplies: Sendable {
    fileprivate struct State {
        var replies: [EarlyReply] = []
        var oldest = 0
        var readers = SequentialReaders()
    }

    /// Every reader that is followed has its full depth.
    static let most = SequentialReaders.most * SequentialReaders.depth / SequentialReaders.windows.lowerBound

    private let state = Locked(State())
    /// How many of them a read may still come for.
    private let expected = Atomic<Int>(0)

    /// Whether there is no reply that a read may come for; then nothing else needs to be asked.
    @inline(__always) var isEmpty: Bool { expected.load(ordering: .relaxed) == 0 }

    /// Whether there is a reply to a read of a file from `offset` on.
    func has(_ nid: NodeID, _ offset: UInt64) -> Bool { state.withLock { $0.find(nid, offset) != nil } }

    /// Takes the reply for the read that has come for it; see ``EarlyReply/take(park:)``.
    ///
    /// - Returns: Nil when there is no reply of at least `count` bytes from `offset` on.
    func take(
        _ nid: NodeID, _ offset: UInt64, count: Int, park: () -> ParkedRequest
    ) -> (reply: EarlyReply, finding: EarlyReply.Finding)? {
        state.withLock { state in
            guard let reply = state.find(nid, offset), reply.count >= count else { return nil }
            setExpected(reply, false)
            return (reply, reply.take(park: park))
        }
    }

    /// Notes a read that costs something.
    ///
    /// - Returns: Batches of replies to be made, each by one worker, in order.
    func batches(after nid: NodeID, _ range: Range<UInt64>, size: UInt64) -> [[EarlyReply]] {
        state.withLock { state in
            guard let plan = state.readers.note(nid, range, size: size) else { return [] }
            let perBatch = max(1, SequentialReaders.batch / plan.window)
            var batches: [[EarlyReply]] = []
            for start in stride(from: plan.range.lowerBound, to: plan.range.upperBound, by: plan.window) {
                let count = Int(min(UInt64(plan.window), plan.range.upperBound - start))
                guard let reply = aim(&state, plan.nid, start, count) else { break }
                if (batches.last?.count ?? perBatch) >= perBatch { batches.append([]) }
                batches[batches.count - 1].append(reply)
            }
            return batches
        }
    }

    /// An idle reply, or else the one that waits longest to be asked for.
    private func aim(_ state: inout State, _ nid: NodeID, _ offset: UInt64, _ count: Int) -> EarlyReply? {
        for reply in state.replies where aim(reply, nid, offset, count) { return reply }
        if state.replies.count < EarlyReplies.most {
            let reply = EarlyReply()
            state.replies.append(reply)
            return aim(reply, nid, offset, count) ? reply : nil
        }
        for _ in state.replies.indices {
            state.oldest = (state.oldest + 1) % state.replies.count
            let reply = state.replies[state.oldest]
            setExpected(reply, false)
            reply.drop()
            if aim(reply, nid, offset, count) { return reply }
        }
        return nil
    }

    private func aim(_ reply: EarlyReply, _ nid: NodeID, _ offset: UInt64, _ count: Int) -> Bool {
        guard reply.aim(nid, offset, count) else { return false }
        setExpected(reply, true)
        return true
    }

    private func setExpected(_ reply: EarlyReply, _ isExpected: Bool) {
        if reply.isExpected != isExpected { expected.wrappingAdd(isExpected ? 1 : -1, ordering: .relaxed) }
        reply.isExpected = isExpected
    }
}

extension EarlyReplies.State {
    fileprivate func find(_ nid: NodeID, _ offset: UInt64) -> EarlyReply? {
        replies.first(where: { $0.isExpected && $0.offset == offset && $0.nid == nid })
    }
}
