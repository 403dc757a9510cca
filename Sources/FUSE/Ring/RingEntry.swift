// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CUring
import Glibc
import Primitives

/// Memory in which the kernel puts one request after the other, and where each is answered.
///
/// It belongs in turn to the kernel and to who answers: first the thread of its ring, and when that leaves the answer for
/// later, whoever has the duty to answer.
final class RingEntry: ReplyChannel, @unchecked Sendable {
    // Safe to share: see above; the memory itself never moves.

    /// Bytes of the two parts of `struct fuse_uring_req_header` in front of `struct fuse_uring_ent_in_out`.
    private static let part = 128
    private static let headersSize = 2 * part + 32
    private static let commitOffset = 2 * part + 8
    private static let payloadSizeOffset = 2 * part + 16
    /// The page that the headers are in has room for a request's name behind them.
    private static let room = 4096

    /// Where the reply is built; its payload is the memory that the kernel takes it from.
    let reply = ReplyBuffer()
    /// The queue that it takes requests from.
    let queue: RingQueue
    private let headers: UnsafeMutableRawBufferPointer
    private let memory: UnsafeMutablePointer<iovec>
    private let mailbox: RingMailbox
    private var commit: UInt64 = 0
    private var last = RingCommand.register
    /// Bytes of the last reply's payload.
    private(set) var replied = 0
    /// Bytes of payload whose memory it keeps.
    private var keeps: Int
    /// Whether the kernel has it, or will with the next system call; for its thread only.
    private(set) var isLent = false

    /// - Parameter isSpare: Whether it is only there because others wait for their replies.
    init(_ queue: RingQueue, _ mailbox: RingMailbox, isSpare: Bool = false) {
        keeps = isSpare ? RingEntry.room : LargeReplies.size
        self.queue = queue
        self.mailbox = mailbox
        headers = .allocate(byteCount: RingEntry.room, alignment: 4096)
        headers.initializeMemory(as: UInt8.self, repeating: 0)
        memory = .allocate(capacity: 2)
        memory.initialize(to: iovec(iov_base: headers.baseAddress, iov_len: RingEntry.headersSize))
        (memory + 1).initialize(to: iovec(iov_base: reply.payload.baseAddress, iov_len: reply.payload.count))
    }

    deinit {
        memory.deallocate()
        headers.deallocate()
    }

    /// Lends the memory to the kernel for the first time.
    ///
    /// - Returns: False when the kernel takes nothing any more; so do the next two.
    func register(in ring: borrowing Ring, _ device: Int32) -> Bool {
        put(.register, in: ring, device)
    }

    /// Gives the kernel the reply, and the memory for the next request.
    @inline(__always) func commit(in ring: borrowing Ring, _ device: Int32) -> Bool {
        put(.commitAndFetch, in: ring, device)
    }

    /// Asks the same again, after the kernel could not do it at that moment.
    func putAgain(in ring: borrowing Ring, _ device: Int32) -> Bool { put(last, in: ring, device) }

    /// The kernel has given it back.
    @inline(__always) func isBack() { isLent = false }

    /// Whether the kernel was lent it for the first time, and never has given it back with a request.
    var isFresh: Bool { last == .register }

    @inline(__always) private func put(_ command: RingCommand, in ring: borrowing Ring, _ device: Int32) -> Bool {
        last = command
        isLent = true
        return ring.put(
            command, to: device, queue: queue.number, commit: commit, memory: command == .register ? memory : nil,
            token: Unmanaged.passUnretained(self).toOpaque())
    }

    /// The request that the kernel has put in; nil for what is none.
    ///
    /// Valid until the reply is committed.
    ///
    /// The header comes apart from the operation's own part, and a name in the payload, where the reply will be; they are put
    /// together as the device would have given them. What is longer than a name is left out: such requests are refused.
    @inline(__always) func request() -> Request? {
        guard let base = headers.baseAddress else { return nil }
        commit = headers.load(fromByteOffset: RingEntry.commitOffset, as: UInt64.self)
        let start = RingEntry.part - Request.headerSize
        let length = Int(headers.load(as: UInt32.self))
        let more = Int(headers.load(fromByteOffset: RingEntry.payloadSizeOffset, as: UInt32.self))
        let ownPart = length - Request.headerSize - more
        guard commit != 0, ownPart >= 0, ownPart <= RingEntry.part else { return nil }
        (base + start).copyMemory(from: base, byteCount: Request.headerSize)
        let taken = min(more, RingEntry.room - RingEntry.part - ownPart, reply.payload.count)
        if taken > 0, let name = reply.payload.baseAddress {
            (base + RingEntry.part + ownPart).copyMemory(from: name, byteCount: taken)
        }
        let total = Request.headerSize + ownPart + taken
        headers.storeBytes(of: UInt32(total), toByteOffset: start, as: UInt32.self)
        return Request(UnsafeRawBufferPointer(rebasing: headers[start..<start + total]))
    }

    /// Whether the last reply was so large that its memory is to be given back.
    @inline(__always) func isTooLarge(_ large: LargeReplies) -> Bool {
        guard replied > keeps else { return false }
        if replied > LargeReplies.size, large.mayKeep() { keeps = .max }
        return replied > keeps
    }

    /// Gives back the memory of a large reply that the kernel has taken.
    ///
    /// Only while it is lent: else somebody may be at the next reply. A request's name fits into what stays.
    func shrink() {
        guard let start = reply.payload.baseAddress, keeps < reply.payload.count else { return }
        madvise(start + keeps, reply.payload.count - keeps, MADV_DONTNEED)
    }

    /// Writes what the kernel takes as the reply's header; the payload is in place.
    @inline(__always) func finish(error: Int32, payload count: Int) {
        replied = count
        headers.storeBytes(of: UInt32(ReplyBuffer.headerSize + count), as: UInt32.self)
        headers.storeBytes(of: -error, toByteOffset: 4, as: Int32.self)
        // The number of the request is what commits are told by.
        headers.storeBytes(of: commit, toByteOffset: 8, as: UInt64.self)
        headers.storeBytes(of: UInt32(count), toByteOffset: RingEntry.payloadSizeOffset, as: UInt32.self)
    }

    /// Takes a reply made elsewhere; the thread of the ring commits it.
    func send(_ message: UnsafeRawBufferPointer) {
        let error = -message.loadUnaligned(fromByteOffset: 4, as: Int32.self)
        let payload = UnsafeRawBufferPointer(rebasing: message[ReplyBuffer.headerSize...])
        let count = min(payload.count, reply.payload.count)
        if count > 0, payload.baseAddress != UnsafeRawPointer(reply.payload.baseAddress) {
            reply.payload.copyMemory(from: UnsafeRawBufferPointer(rebasing: payload[..<count]))
        }
        finish(error: error, payload: error == 0 ? count : 0)
        mailbox.add(self)
    }

    /// Whether another thread is there for the next request of this processor.
    var isQuiet: Bool { queue.hasIdleThread }

    /// The headers as the kernel sees them, for tests.
    func withHeaders(_ body: (UnsafeMutableRawBufferPointer) -> Void) { body(headers) }
}
