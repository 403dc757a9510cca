// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// The duty to answer one request later, from any thread: exactly once, or with EIO when it is forgotten.
package struct PendingReply: ~Copyable, Sendable {
    /// The request's number.
    package let unique: UInt64
    private let channel: any ReplyChannel
    private var isOpen = true

    package init(unique: UInt64, channel: any ReplyChannel) {
        self.unique = unique
        self.channel = channel
    }

    deinit { if isOpen { channel.send(error: EIO, to: unique) } }

    /// Answers with an error number.
    package consuming func fail(_ error: Int32) {
        isOpen = false
        channel.send(error: error, to: unique)
    }

    /// Answers with the payload of `buffer`.
    package consuming func succeed(_ buffer: ReplyBuffer) {
        isOpen = false
        channel.send(buffer, to: unique, error: 0)
    }
}

/// Where replies go: the FUSE device, or a test.
package protocol ReplyChannel: AnyObject, Sendable {
    /// Sends one whole reply message. May be called from any thread.
    func send(_ message: UnsafeRawBufferPointer)
    /// Whether a thread that waits now keeps no request waiting, as far as is known: another one is there for the next, or
    /// none has come.
    var isQuiet: Bool { get }
}

extension ReplyChannel {
    /// Sends the payload of `buffer`, or only the error when that is not 0.
    package func send(_ buffer: ReplyBuffer, to unique: UInt64, error: Int32) {
        send(buffer.message(to: unique, error: error))
    }

    /// Sends an error without needing a buffer.
    package func send(error: Int32, to unique: UInt64) {
        withUnsafeTemporaryAllocation(byteCount: ReplyBuffer.headerSize, alignment: 8) { message in
            message.storeBytes(of: UInt32(ReplyBuffer.headerSize), as: UInt32.self)
            message.storeBytes(of: -error, toByteOffset: 4, as: Int32.self)
            message.storeBytes(of: unique, toByteOffset: 8, as: UInt64.self)
            send(UnsafeRawBufferPointer(message))
        }
    }
}

extension Session: ReplyChannel {
    package func send(_ message: UnsafeRawBufferPointer) {
        while write(descriptor, message.baseAddress, message.count) < 0 {
            // ENOENT: the kernel has given the request up. Anything else cannot be mended here either.
            guard errno == EINTR || errno == EAGAIN else { return }
        }
    }

    package var isQuiet: Bool {
        if sleepers.load(ordering: .relaxed) > 0 { return true }
        var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&event, 1, 0) == 0
    }
}
