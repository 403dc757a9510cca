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
        /// In the order in which they were aimed.
        var replies: [EarlyReply] = []
        var readers: SequentialReaders
    }

    /// Bytes of memory of all replies: enough for each reader that is followed to have its full depth.
    static let mostBytes = SequentialReaders.most * SequentialReaders.depth * SequentialReaders.windows.upperBound

    private let state: Locked<State>
    /// How many of them a read may still come for.
    private let expected = Atomic<Int>(0)

    /// - Parameter processors: How many there are to make them.
    init(processors: Int) { state = Locked(State(readers: SequentialReaders(processors: processors))) }

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
    func batches(
        after nid: NodeID, _ range: Range<UInt64>, size: UInt64, isDecoded: Bool = true
    ) -> [[EarlyReply]] {
        state.withLock { state in
            guard let plan = state.readers.note(nid, range, size: size, isDecoded: isDecoded) else { return [] }
            let perBatch = SequentialReaders.windowsPerBatch(plan.window)
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

    /// An idle reply of the right size, or a new one; for that those that wait longest to be asked for may have to go.
    private func aim(_ state: inout State, _ nid: NodeID, _ offset: UInt64, _ count: Int) -> EarlyReply? {
        let size = EarlyReply.size(for: count)
        for index in state.replies.indices where state.replies[index].size == size {
            let reply = state.replies[index]
            guard aim(reply, nid, offset, count) else { continue }
            state.replies.append(state.replies.remove(at: index))
            return reply
        }
        var bytes = state.replies.reduce(size) { $0 + $1.size }
        while bytes > EarlyReplies.mostBytes {
            let oldest = state.replies.removeFirst()
            setExpected(oldest, false)
            oldest.drop()
            bytes -= oldest.size
        }
        let reply = EarlyReply(size: size)
        state.replies.append(reply)
        return aim(reply, nid, offset, count) ? reply : nil
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
