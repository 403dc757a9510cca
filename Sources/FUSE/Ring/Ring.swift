// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CUring
import Glibc
import Primitives

/// An io_uring through which requests come from the FUSE device and replies go to it.
///
/// For one thread, which has to ``enable()`` it.
struct Ring: ~Copyable {
    /// What the kernel has done with a command.
    struct Completion {
        /// What the command was given when it was put in.
        let token: UnsafeMutableRawPointer?
        /// 0 or more for success, else an error number below 0.
        let result: Int32
    }

    private let raw: UnsafeMutablePointer<io_uring>

    /// Commands that may be put in before they are handed over; more of them are handed over in between.
    private static let entries: UInt32 = 64
    /// Completions that may wait to be taken: more than a thread has commands with the kernel.
    private static let completions: UInt32 = 1024
    /// How often a full ring is handed over before it is given up: the kernel may have no memory for a moment.
    private static let patience = 1000

    /// - Throws: When the kernel has no io_uring, or this process may not use it.
    init() throws(SystemError) {
        raw = .allocate(capacity: 1)
        raw.initialize(to: io_uring())
        // FUSE's commands have more bytes than an ordinary entry has room for.
        var parameters = io_uring_params()
        parameters.flags = UInt32(IORING_SETUP_SQE128 | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE)
        // What the kernel has for the thread it does when the thread comes for it, and not by interrupting it.
        parameters.flags |= UInt32(
            IORING_SETUP_R_DISABLED | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN
                | IORING_SETUP_TASKRUN_FLAG)
        parameters.cq_entries = Ring.completions
        let code = io_uring_queue_init_params(Ring.entries, raw, &parameters)
        guard code == 0 else {
            raw.deallocate()
            throw SystemError("io_uring_setup", code: -code)
        }
    }

    deinit {
        io_uring_queue_exit(raw)
        raw.deallocate()
    }

    /// Lets the thread that calls it use the ring, and nobody else.
    ///
    /// - Returns: False when the kernel refuses.
    func enable() -> Bool {
        guard curing_enable(raw) == 0 else { return false }
        // Saves the kernel looking up the descriptor each time; without it that is only slower.
        io_uring_register_ring_fd(raw)
        return true
    }

    /// Puts in a command of FUSE's own (`struct fuse_uring_cmd_req`).
    ///
    /// - Returns: False when the kernel takes nothing any more.
    @inline(__always)
    func put(
        _ command: RingCommand, to device: Int32, queue: UInt16, commit: UInt64 = 0,
        memory: UnsafeMutablePointer<iovec>?,
        token: UnsafeMutableRawPointer
    ) -> Bool {
        guard let entry = next() else { return false }
        entry.pointee = io_uring_sqe()
        entry.pointee.opcode = UInt8(IORING_OP_URING_CMD.rawValue)
        entry.pointee.fd = device
        entry.pointee.cmd_op = command.rawValue
        if let memory {
            entry.pointee.addr = UInt64(UInt(bitPattern: memory))
            entry.pointee.len = 2
        }
        entry.pointee.user_data = UInt64(UInt(bitPattern: token))
        guard let bytes = curing_command_bytes(entry) else { return false }
        bytes.storeBytes(of: 0, toByteOffset: 0, as: UInt64.self)
        bytes.storeBytes(of: commit, toByteOffset: 8, as: UInt64.self)
        bytes.storeBytes(of: UInt64(queue), toByteOffset: 16, as: UInt64.self)
        return true
    }

    /// Puts in a read of 8 bytes from a descriptor; its token is nil.
    ///
    /// - Returns: As for the other.
    func put(readOf descriptor: Int32, into word: UnsafeMutablePointer<UInt64>) -> Bool {
        guard let entry = next() else { return false }
        io_uring_prep_read(entry, descriptor, word, 8, 0)
        entry.pointee.user_data = 0
        return true
    }

    /// Room for one more command; nil only when the kernel takes none any more.
    @inline(__always) private func next() -> UnsafeMutablePointer<io_uring_sqe>? {
        io_uring_get_sqe(raw) ?? nextOfFull()
    }

    private func nextOfFull() -> UnsafeMutablePointer<io_uring_sqe>? {
        for _ in 0..<Ring.patience {
            io_uring_submit(raw)
            if let entry = io_uring_get_sqe(raw) { return entry }
            sched_yield()
        }
        return nil
    }

    /// Hands over what was put in, and waits until at least one command has been completed.
    ///
    /// - Returns: An error number; 0 also when only a signal has come.
    @inline(__always) func handOverAndWait() -> Int32 {
        let code = io_uring_submit_and_wait(raw, 1)
        return code >= 0 || code == -EINTR || code == -EAGAIN || code == -EBUSY ? 0 : -code
    }

    /// Hands over what was put in, and waits for nothing.
    func handOver() { io_uring_submit(raw) }

    /// Whether the kernel has taken all commands that were put in.
    var hasHandedOverAll: Bool { io_uring_sq_ready(raw) == 0 }

    /// Whether there is a completion to be taken, or will be when the thread comes for it.
    var hasCompletion: Bool { io_uring_cq_ready(raw) > 0 || curing_has_work(raw) }

    /// The next completion, if there is one.
    @inline(__always) func completion() -> Completion? {
        // To look for one where there is none would call the kernel for more, before it has got the replies.
        guard io_uring_cq_ready(raw) > 0 else { return nil }
        var found: UnsafeMutablePointer<io_uring_cqe>?
        guard io_uring_peek_cqe(raw, &found) == 0, let found else { return nil }
        let result = Completion(
            token: UnsafeMutableRawPointer(bitPattern: UInt(found.pointee.user_data)), result: found.pointee.res)
        io_uring_cqe_seen(raw, found)
        return result
    }
}

/// What the FUSE device is asked by io_uring (`enum fuse_uring_cmd` of linux/fuse.h).
enum RingCommand: UInt32, Sendable {
    /// Here is memory for a request: fill it when one comes.
    case register = 1
    /// The reply is in the memory: take it, and fill it with the next request.
    case commitAndFetch = 2
}
