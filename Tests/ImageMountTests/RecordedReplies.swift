// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import FUSE
import Primitives

/// Keeps the replies that would have gone to the kernel.
final class RecordedReplies: ReplyChannel {
    let isQuiet = true
    /// One reply, taken apart.
    struct Reply: Equatable, Sendable {
        let unique: UInt64
        /// 0, or minus an error number.
        let error: Int32
        let payload: [UInt8]
    }

    private let replies = Locked<[Reply]>([])
    private let changed = Condition()

    func send(_ message: UnsafeRawBufferPointer) {
        let reply = Reply(
            unique: message.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
            error: message.loadUnaligned(fromByteOffset: 4, as: Int32.self), payload: Array(message[16...]))
        replies.withLock { $0.append(reply) }
        changed.broadcast()
    }

    /// All replies so far.
    var all: [Reply] { replies.withLock { $0 } }

    /// Waits until there are `count` replies, a minute at most.
    func wait(for count: Int) -> [Reply] {
        let deadline = MonotonicTime.now.advanced(milliseconds: 60_000)
        return replies.withLock(waitingOn: changed) { replies, waiter in
            while replies.count < count, waiter.wait(for: &replies, until: deadline) {}
            return replies
        }
    }
}
