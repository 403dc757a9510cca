// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import FUSE
import ImageReader
import Primitives

/// A request that waits for missing bytes or for a worker.
///
/// It holds the duty to answer, which exactly one of those who may want to answer gets: the worker, an interrupt, or the
/// end of the mount.
final class ParkedRequest: Sendable {
    private struct State: ~Copyable {
        var reply: PendingReply?
        var ticket: ProvideTicket?
        var repeated = RepeatedMiss()
    }

    let question: Question
    let began: MonotonicTime
    private let name: [UInt8]
    private let state: Locked<State>

    /// Copies `name`, which may lie in the receive buffer.
    init(_ question: Question, _ name: UnsafeRawBufferPointer, _ reply: consuming sending PendingReply) {
        self.question = question
        self.name = Array(name)
        began = .now
        state = Locked(State(reply: reply))
    }

    /// Gives the request's name to `body`.
    func withName<Result>(
        _ body: (UnsafeRawBufferPointer) throws(ReadError) -> Result
    ) throws(ReadError) -> Result {
        var result: Swift.Result<Result, ReadError>?
        name.withUnsafeBytes { bytes in
            do throws(ReadError) { result = .success(try body(bytes)) } catch { result = .failure(error) }
        }
        guard let result else { throw .wouldBlock }
        return try result.get()
    }

    /// Whether nobody has answered yet.
    var isOpen: Bool { state.withLock { $0.reply != nil } }

    /// Whether an interrupt answers it: opening a file takes only as long as the disk does, and programs do not expect EINTR of
    /// it, unless it waits for bytes to be fetched.
    var mayBeInterrupted: Bool { question.opcode != .open || state.withLock { $0.ticket != nil } }

    /// The duty to answer; nil when somebody else has it.
    ///
    /// Gives up waiting for bytes.
    func claim() -> PendingReply? {
        // First the reply: giving up the wait calls its completion, which would answer too.
        let reply = state.withLock { $0.reply.take() }
        let ticket = state.withLock { $0.ticket.take() }
        ticket?.cancel()
        return reply
    }

    /// Keeps the ticket of the fetch that the request waits for.
    func waits(for ticket: ProvideTicket) {
        let isLate = state.withLock { state in
            guard state.reply != nil else { return true }
            state.ticket = ticket
            return false
        }
        if isLate { ticket.cancel() }
    }

    /// Throws when the request misses the same bytes again and again.
    func note(_ missing: MissingBytes) throws(ReadError) {
        try state.withLock { state throws(ReadError) in try state.repeated.note(missing) }
    }
}
