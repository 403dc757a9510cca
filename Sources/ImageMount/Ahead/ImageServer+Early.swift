// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import FUSE
import ImageReader

// Replies that are made before they are asked for.
extension ImageServer {
    /// What a read asks of a regular file.
    struct FileRead {
        let nid: NodeID
        /// The bytes that it asks for and the file has.
        let range: Range<UInt64>
        /// Bytes of the file.
        let size: UInt64
        /// Whether its bytes have to be decoded.
        let isDecoded: Bool
    }

    /// What a read asks for; nil when it is of something else, or behind the end.
    func fileRead(_ question: Question) -> FileRead? {
        guard let inode = try? answerer.reader.inode(question.nid), inode.type.isRegular,
            let range = question.range(in: inode.size)
        else { return nil }
        return FileRead(nid: question.nid, range: range, size: inode.size, isDecoded: inode.layout.isCompressed)
    }

    /// Answers a read with a reply that was made ahead, now or when its worker is done.
    ///
    /// Runs on the thread that serves the read.
    ///
    /// - Returns: Nil when there is no such reply.
    func sendEarly(_ question: Question, _ tally: Tally, _ channel: any ReplyChannel) -> Outcome? {
        // Most reads find none here, so the inode is looked at only then.
        guard early.has(question.nid, question.offset), let read = fileRead(question),
            let taken = early.take(
                read.nid, question.offset, count: read.range.count,
                park: { park(question, Question.noName, channel) })
        else { return nil }
        let outcome: Outcome
        switch taken.finding {
        case .ready:
            taken.reply.buffer.commit(read.range.count)
            channel.send(taken.reply.buffer, to: question.unique, error: 0)
            taken.reply.release()
            tally.count(.bytes, read.range.count)
            tally.count(.early)
            outcome = .sent
        case .awaited:
            tally.count(.handedOver)
            outcome = .later
        case .none: return nil
        }
        makeEarly(after: read)
        return outcome
    }

    /// Has workers make the replies to the reads that will follow this one, which cost something.
    func makeEarly(after read: FileRead) {
        for batch in early.batches(after: read.nid, read.range, size: read.size, isDecoded: read.isDecoded) {
            let isTaken = pool.run(.early) { [self] _ in make(batch) }
            if !isTaken { for reply in batch { _ = reply.made(false) } }
        }
    }

    /// Runs on a worker.
    private func make(_ batch: [EarlyReply]) {
        var isWhole = true
        for reply in batch {
            isWhole = isWhole && reply.isWanted && fill(reply)
            guard let request = reply.made(isWhole) else { continue }
            if isWhole {
                reply.buffer.commit(min(reply.count, Int(request.question.size)))
                finish(request, .reply, reply.buffer)
            } else {
                handOver(request)
            }
            reply.release()
        }
    }

    /// Reads the reply's bytes; false when that fails, or when bytes are missing.
    private func fill(_ reply: EarlyReply) -> Bool {
        guard let inode = try? answerer.reader.inode(reply.nid) else { return false }
        let target = UnsafeMutableRawBufferPointer(rebasing: reply.buffer.payload[..<reply.count])
        return (try? answerer.reader.read(inode, at: reply.offset, into: target, on: .worker)) == reply.count
    }
}
