// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import FUSE
import Primitives

/// The reply to a read that is expected: made by a worker, sent when the read comes.
///
/// ``EarlyReplies`` aims and drops it, who serves the read sends it; a worker makes it in between. Whoever the phase belongs to
/// may touch the buffer.
final class EarlyReply: @unchecked Sendable {
    // Safe to share: `nid`, `offset`, `count` and `isExpected` are written under the lock of the replies only, the first three
    // while the reply is idle and before the worker hears of it; the buffer is handed on with the phase.

    /// What became of the reply.
    enum Phase {
        /// Free for another aim.
        case idle
        /// A worker makes it, or will.
        case making
        /// A worker makes it, and this request waits for it.
        case awaited(ParkedRequest)
        /// A worker makes it, and nobody wants it any more.
        case dropped
        /// It may be sent.
        case ready
        /// It could not be made; the read that comes finds out why.
        case failed
    }

    private(set) var nid = NodeID(rawValue: 0)
    private(set) var offset: UInt64 = 0
    /// Bytes of the file that the reply has, or will have.
    private(set) var count = 0
    /// Whether a read may still come for it; under the lock of the replies only.
    var isExpected = false
    /// Bytes that it has room for.
    let size: Int
    let buffer: ReplyBuffer
    private let phase = Locked(Phase.idle)

    /// A reply with room for `size` bytes.
    init(size: Int) {
        self.size = size
        buffer = ReplyBuffer(limit: size)
    }

    /// The room that a reply of `count` bytes is given: there are but a few sizes, so that replies can be used again.
    static func size(for count: Int) -> Int {
        let windows = SequentialReaders.windows
        var size = windows.lowerBound
        while size < min(count, windows.upperBound) { size *= 2 }
        return size
    }

    /// Aims an idle reply at bytes of a file; false when it is busy.
    func aim(_ nid: NodeID, _ offset: UInt64, _ count: Int) -> Bool {
        phase.withLock { phase in
            guard case .idle = phase, count <= size else { return false }
            phase = .making
            self.nid = nid
            self.offset = offset
            self.count = count
            return true
        }
    }

    /// Whether a worker still needs to make it.
    var isWanted: Bool {
        phase.withLock { phase in
            switch phase {
            case .making, .awaited: true
            default: false
            }
        }
    }

    /// Says that the worker is done with it.
    ///
    /// - Returns: The request that waits for it. When there is one, the reply is the worker's until ``release()``.
    func made(_ isMade: Bool) -> ParkedRequest? {
        phase.withLock { phase in
            switch phase {
            case .awaited(let request):
                phase = .dropped
                return request
            case .dropped: phase = .idle
            case .making: phase = isMade ? .ready : .failed
            case .idle, .ready, .failed: break
            }
            return nil
        }
    }

    /// What there is when a read comes for it.
    enum Finding {
        /// The reply is made: send it, then ``release()`` it.
        case ready
        /// The request now waits; the worker answers it.
        case awaited
        /// There is no reply to be had.
        case none
    }

    /// Takes the reply for a read, or lets the request that `park` makes wait for it.
    func take(park: () -> ParkedRequest) -> Finding {
        phase.withLock { phase in
            switch phase {
            case .ready:
                phase = .dropped
                return .ready
            case .making:
                phase = .awaited(park())
                return .awaited
            case .failed:
                phase = .idle
                return .none
            case .idle, .awaited, .dropped: return .none
            }
        }
    }

    /// Nobody will ask for it: it becomes idle, at once or when its worker is done.
    func drop() {
        phase.withLock { phase in
            switch phase {
            case .making: phase = .dropped
            case .ready, .failed: phase = .idle
            case .idle, .awaited, .dropped: break
            }
        }
    }

    /// Ends the use of a reply that was sent.
    func release() { phase.withLock { $0 = .idle } }
}
