// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import FUSE
import Synchronization

/// The replies that were made, or are being made, before they are asked for.
///
/// What one thread decodes for a sequential reader leaves the other processors idle: the kernel asks for little more than
/// the reader has asked for. So workers make the replies to the reads that will follow.
final class EarlyReplies: @unchecked Sendable {
    // Safe to share: only the serving thread touches it.

    /// Every reader that is followed has its full depth.
    static let most = SequentialReaders.most * SequentialReaders.depth / SequentialReaders.windows.lowerBound

    private var replies: [EarlyReply] = []
    /// How many of them a read may still come for.
    ///
    /// Atomic only because a variable of a class would be checked at run time at every read.
    private let expected = Atomic<Int>(0)
    private var oldest = 0
    private var readers = SequentialReaders()

    /// Whether there is no reply that a read may come for; then nothing else needs to be asked.
    var isEmpty: Bool { expected.load(ordering: .relaxed) == 0 }

    /// The reply to a read of a file from `offset` on; nil when there is none.
    func find(_ nid: NodeID, _ offset: UInt64) -> EarlyReply? {
        replies.first(where: { $0.isExpected && $0.offset == offset && $0.nid == nid })
    }

    /// Takes a reply for the read that has come for it; see ``EarlyReply/take(park:)``.
    func take(_ reply: EarlyReply, park: () -> ParkedRequest) -> EarlyReply.Finding {
        setExpected(reply, false)
        return reply.take(park: park)
    }

    /// Notes a read that costs something.
    ///
    /// - Returns: Batches of replies to be made, each by one worker, in order.
    func batches(after nid: NodeID, _ range: Range<UInt64>, size: UInt64) -> [[EarlyReply]] {
        guard let plan = readers.note(nid, range, size: size) else { return [] }
        let perBatch = max(1, SequentialReaders.batch / plan.window)
        var batches: [[EarlyReply]] = []
        for start in stride(from: plan.range.lowerBound, to: plan.range.upperBound, by: plan.window) {
            let count = Int(min(UInt64(plan.window), plan.range.upperBound - start))
            guard let reply = aim(plan.nid, start, count) else { break }
            if (batches.last?.count ?? perBatch) >= perBatch { batches.append([]) }
            batches[batches.count - 1].append(reply)
        }
        return batches
    }

    /// An idle reply, or else the one that waits longest to be asked for.
    private func aim(_ nid: NodeID, _ offset: UInt64, _ count: Int) -> EarlyReply? {
        for reply in replies where aim(reply, nid, offset, count) { return reply }
        if replies.count < EarlyReplies.most {
            let reply = EarlyReply()
            replies.append(reply)
            return aim(reply, nid, offset, count) ? reply : nil
        }
        for _ in replies.indices {
            oldest = (oldest + 1) % replies.count
            setExpected(replies[oldest], false)
            replies[oldest].drop()
            if aim(replies[oldest], nid, offset, count) { return replies[oldest] }
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
