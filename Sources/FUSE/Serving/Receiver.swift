// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What a request says of the next one.
enum Pace {
    /// It may follow at once: worth waiting for awake.
    case quick
    /// Who asked waits for something.
    case slow
    /// The same, and there are more who ask than threads that can wait for the disk.
    case crowded
}

/// One thread's end of the device: takes a request, has it served, and sends the reply.
///
/// For one thread.
struct Receiver: ~Copyable {
    /// What came of looking for a request.
    enum Found {
        /// A request of so many bytes lies in the buffer.
        case request(Int)
        /// There is none at present.
        case nothing
        /// The one that was there has gone: look again.
        case gone
        /// The file system is no longer mounted.
        case unmounted
        /// The device failed, with `errno`.
        case failed
    }

    let session: Session
    /// Where the reply is built.
    let reply: ReplyBuffer
    private let buffer: UnsafeMutableRawBufferPointer

    /// The kernel sends at most its maximum write of 1 MiB, which a read-only tree never gets, plus headers.
    private static let bufferSize = (1 << 20) + (256 << 10)

    init(_ session: Session) {
        self.session = session
        reply = ReplyBuffer(pipe: session.splices ? ReplyPipe() : nil)
        buffer = .allocate(byteCount: Receiver.bufferSize, alignment: 4096)
    }

    deinit { buffer.deallocate() }

    /// Takes the next request, if there is one; does not wait.
    @inline(__always) func receive() -> Found {
        let count = read(session.descriptor, buffer.baseAddress, buffer.count)
        if count > 0 { return .request(count) }
        switch count == 0 ? ENODEV : errno {
        case EAGAIN: return .nothing
        case EINTR, ENOENT: return .gone
        case ENODEV: return .unmounted
        default: return .failed
        }
    }

    /// The request of `count` bytes in the buffer; nil for what is none.
    @inline(__always) func request(_ count: Int) -> Request? {
        Request(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }

    /// Lets libfuse answer the request in the buffer, one of the negotiation.
    func negotiate(_ count: Int, _ request: Request, preparingRings prepareRings: () -> Bool) {
        session.negotiate(buffer, count: count, request, preparingRings: prepareRings)
    }

    /// Sends what became of a request.
    @inline(__always) func answer(_ request: Request, _ outcome: Outcome) -> Pace {
        switch outcome {
        case .reply: send(request.unique)
        case .slowReply:
            send(request.unique)
            return .slow
        case .fail(let error): session.send(error: error, to: request.unique)
        case .later: return .slow
        case .crowded: return .crowded
        case .sent, .done: break
        }
        return .quick
    }

    @inline(__always) private func send(_ unique: UInt64) {
        guard let isTaken = reply.sendPipe(to: session.descriptor) else {
            return session.send(reply, to: unique, error: 0)
        }
        if !isTaken { session.send(error: EIO, to: unique) }
    }
}
