// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives
import TestSupport
import Testing

@testable import FUSE

/// Replies that go through a pipe; another pipe stands for the device, which takes them as well.
@Suite struct ReplyPipeTests {
    private let directory: TemporaryDirectory
    private let content = SourceTree.noise(1 << 20, seed: 81)
    private let file: Descriptor

    init() throws {
        directory = try TemporaryDirectory()
        try write(content, to: directory.path("file"))
        file = try Descriptor.open(directory.path("file"), O_RDONLY)
    }

    /// What arrives at the other end when `body` has a device to send to.
    private func received(_ count: Int, _ body: (Int32) -> Bool?, _ isSent: Bool? = true) -> [UInt8] {
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        // Room for all that is sent; F_SETPIPE_SZ.
        _ = fcntl(ends[1], 1031, Int32(1 << 20))
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        #expect(body(ends[1]) == isSent)
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = bytes.withUnsafeMutableBytes { read(ends[0], $0.baseAddress.map { $0 + done }, count - done) }
            guard got > 0 else { break }
            done += got
        }
        return Array(bytes[..<done])
    }

    @Test func headerAndBytesArriveAsOne() throws {
        let buffer = ReplyBuffer(pipe: ReplyPipe())
        for (offset, count) in [(0, 65_536), (8192, 131_072), (4096, 70_001), (524_288, 512 << 10)] {
            #expect(buffer.takesOfFiles >= count)
            #expect(buffer.take(count, of: file, at: UInt64(offset), to: 77))
            #expect(buffer.count == count)
            let reply = ReplyBytes(received(16 + count, { buffer.sendPipe(to: $0) }))
            try #require(reply.bytes.count == 16 + count)
            #expect(reply.load(0, as: UInt32.self) == UInt32(16 + count))
            #expect(reply.load(4, as: Int32.self) == 0)
            #expect(reply.load(8, as: UInt64.self) == 77)
            #expect(Array(reply.bytes[16...]) == Array(content[offset..<offset + count]))
            buffer.reset()
        }
    }

    /// What was not sent never is, whatever comes next.
    @Test func aForgottenReplyIsGone() {
        let buffer = ReplyBuffer(pipe: ReplyPipe())
        #expect(buffer.take(65_536, of: file, at: 0, to: 1))
        buffer.reset()
        #expect(buffer.count == 0)
        #expect(received(16, { buffer.sendPipe(to: $0) }, nil).isEmpty)
        #expect(buffer.take(4096, of: file, at: 4096, to: 2))
        let bytes = received(16 + 65_536, { buffer.sendPipe(to: $0) })
        #expect(Array(bytes.dropFirst(16)) == Array(content[4096..<8192]))
    }

    @Test func whatCannotBeTakenLeavesNoPayload() throws {
        let buffer = ReplyBuffer(pipe: ReplyPipe())
        // Not the start of a page, more than a pipe has room for, beyond the end, and a file that cannot be read so.
        #expect(!buffer.take(65_536, of: file, at: 100, to: 1))
        #expect(!buffer.take(1 << 20, of: file, at: 0, to: 1))
        #expect(!buffer.take(65_536, of: file, at: (1 << 20) - 4096, to: 1))
        #expect(!buffer.take(65_536, of: file, at: .max, to: 1))
        #expect(!buffer.take(4096, of: try Descriptor.open(directory.path, O_RDONLY), at: 0, to: 1))
        #expect(buffer.count == 0)
        #expect(received(16, { buffer.sendPipe(to: $0) }, nil).isEmpty)
        #expect(buffer.take(65_536, of: file, at: 0, to: 1))
    }

    /// A device that refuses: the reply is not sent again, and the next one is whole.
    @Test func aRefusedReplyIsNotRepeated() throws {
        let buffer = ReplyBuffer(pipe: ReplyPipe())
        #expect(buffer.take(65_536, of: file, at: 0, to: 1))
        #expect(buffer.sendPipe(to: file.raw) == false)
        #expect(buffer.sendPipe(to: file.raw) == nil)
        buffer.reset()
        #expect(buffer.take(4096, of: file, at: 0, to: 2))
        let bytes = received(16 + 65_536, { buffer.sendPipe(to: $0) })
        #expect(Array(bytes.dropFirst(16)) == Array(content[..<4096]))
    }

    @Test func withoutAPipeNothingIsTaken() {
        let buffer = ReplyBuffer()
        #expect(buffer.takesOfFiles == 0)
        #expect(!buffer.take(65_536, of: file, at: 0, to: 1))
    }
}
