// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import FUSE
import ImageReader
import Primitives

/// A request that waits for missing bytes or for a worker.
///
/// Whoever takes its reply first answers it: the work that it waited for, an interrupt, or the end of the mount.
final class ParkedRequest: @unchecked Sendable {
    // Safe to share: what can change is locked, and the operation's name is a copy that this object keeps.
    private struct State: ~Copyable {
        var reply: PendingReply?
        var ticket: ProvideTicket?
        var repeated = RepeatedMiss()
    }

    /// The request's number.
    let unique: UInt64
    private let state: Locked<State>
    private let operation: Operation
    private let name: OwnedName

    init(_ operation: Operation, _ reply: consuming PendingReply) {
        unique = reply.unique
        name = OwnedName(operation.name)
        self.operation = Operation(operation, name: name.bytes)
        state = Locked(State(reply: consume reply))
    }

    /// Does the operation anew; on a worker.
    func redo(_ answers: Answers, into buffer: ReplyBuffer) throws(ReadError) -> Outcome {
        try answers.answer(operation, into: buffer, on: .worker)
    }

    /// Whether the request still wants an answer.
    var isWaiting: Bool { state.withLock { $0.reply != nil } }

    /// Notes what is being fetched for the request, so that giving up can say so.
    func waits(on ticket: ProvideTicket) {
        let isLate = state.withLock { state in
            state.ticket = ticket
            return state.reply == nil
        }
        if isLate { ticket.cancel() }
    }

    /// Counts a miss; throws when the same bytes are missing again and again.
    func note(_ missing: MissingBytes) throws(ReadError) {
        try state.withLock { (state) throws(ReadError) in try state.repeated.note(missing) }
    }

    /// Answers with the payload of `buffer`, unless somebody has answered.
    func succeed(_ buffer: ReplyBuffer) { take()?.succeed(buffer) }

    /// Answers with an error number, unless somebody has answered, and gives up what is being fetched.
    func fail(_ code: Int32) {
        let ticket = state.withLock { $0.ticket.take() }
        take()?.fail(code)
        ticket?.cancel()
    }

    private func take() -> PendingReply? { state.withLock { $0.reply.take() } }
}

/// A copy of a name, kept for as long as its request is parked.
private final class OwnedName: @unchecked Sendable {
    // Safe to share: never written after init.
    private let memory: UnsafeMutableRawBufferPointer
    let bytes: UnsafeRawBufferPointer

    init(_ name: UnsafeRawBufferPointer) {
        memory = .allocate(byteCount: max(1, name.count), alignment: 1)
        memory.copyMemory(from: name)
        bytes = UnsafeRawBufferPointer(rebasing: memory[..<name.count])
    }

    deinit { memory.deallocate() }
}
