// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives
import Testing

@testable import FUSE

/// Keeps the replies that would have gone to the kernel.
final class RecordedReplies: ReplyChannel {
    let isQuiet = true
    private let messages = Locked<[ReplyBytes]>([])

    func send(_ message: UnsafeRawBufferPointer) {
        let bytes = Array(message)
        messages.withLock { $0.append(ReplyBytes(bytes)) }
    }

    /// Number and error of each reply, in order.
    var outcomes: [[Int64]] {
        messages.withLock { $0.map { [Int64($0.load(8, as: UInt64.self)), Int64($0.load(4, as: Int32.self))] } }
    }

    var last: ReplyBytes? { messages.withLock { $0.last } }
}

@Suite struct PendingReplyTests {
    @Test func isSentOnce() {
        let channel = RecordedReplies()
        PendingReply(unique: 5, channel: channel).fail(EINTR)
        #expect(channel.outcomes == [[5, -Int64(EINTR)]])
    }

    @Test func carriesThePayload() {
        let channel = RecordedReplies()
        let buffer = ReplyBuffer()
        buffer.append(UInt64(77))
        PendingReply(unique: 6, channel: channel).succeed(buffer)
        #expect(channel.outcomes == [[6, 0]])
        #expect(channel.last?.payload(0, as: UInt64.self) == 77)
    }

    @Test func isAnErrorWhenForgotten() {
        let channel = RecordedReplies()
        func forget() { _ = PendingReply(unique: 8, channel: channel) }
        forget()
        #expect(channel.outcomes == [[8, -Int64(EIO)]])
    }
}
