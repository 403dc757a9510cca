// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import FUSE
import Glibc
import Primitives
import Testing

@testable import ImageMount

@Suite(.serialized) struct WaitingTests {
    private let source = HeldSource(TinyImage().bytes, heldFrom: UInt64(TinyImage.bigOffset))
    private let server: Server
    private let node = TinyImage.big + 1

    init() throws { server = try Server(source) }

    private func read(_ offset: UInt64 = 0) -> Server.Answer {
        server.ask(.read, node: node, Server.range(offset, 4096))
    }

    @Test func missingBytesAreFetchedAndThenAnswered() {
        #expect(read() == .later)
        #expect(server.replies.all.isEmpty)
        #expect(server.server.lot.count == 1)
        #expect(source.answerHeld(.deliver) > 0)
        let reply = server.replies.wait(for: 1).first
        #expect(reply?.unique == server.unique)
        #expect(reply?.payload == (0..<4096).map { UInt8($0 % 251) })
        #expect(server.server.lot.count == 0)
        #expect(server.server.status().misses == 1)
        #expect(server.server.status().waits.count == 1)
    }

    @Test func othersAreAnsweredMeanwhile() {
        #expect(read() == .later)
        #expect(source.waitUntilHeld())
        #expect(server.lookUp("file").payload.count == 128)
        #expect(server.replies.all.allSatisfy { $0.error == 0 })
        #expect(source.answerHeld(.deliver) > 0)
    }

    @Test func errorsReachTheReaderAndPass() {
        #expect(read() == .later)
        #expect(source.answerHeld(.fail(.unreachable(source: "held", reason: "test"))) > 0)
        #expect(server.replies.wait(for: 1).first?.error == -EIO)
        #expect(read() == .later)
        #expect(source.answerHeld(.deliver) > 0)
        #expect(server.replies.wait(for: 2).last?.error == 0)
    }

    @Test func changedBlobsAreStale() {
        #expect(read() == .later)
        #expect(source.answerHeld(.fail(.changed(source: "held", reason: "test"))) > 0)
        #expect(server.replies.wait(for: 1).first?.error == -ESTALE)
    }

    @Test func interruptsAreAnsweredAtOnceAndOnlyOnce() {
        #expect(read() == .later)
        let first = server.unique
        #expect(read() == .later)
        let second = server.unique
        #expect(source.waitUntilHeld())
        for _ in 0..<2 { #expect(server.ask(.interrupt, node: 0, Server.bytes(first)) == .done) }
        #expect(server.replies.all.map(\.unique) == [first])
        #expect(server.replies.all.first?.error == -EINTR)
        #expect(source.answerHeld(.deliver) > 0)
        let replies = server.replies.wait(for: 2)
        #expect(replies.map(\.unique) == [first, second])
        #expect(replies.last?.error == 0)
        #expect(server.server.status().interrupted == 1)
    }

    @Test func interruptsOfUnknownRequestsAreIgnored() {
        #expect(server.ask(.interrupt, node: 0, Server.bytes(UInt64(4711))) == .done)
        #expect(server.replies.all.isEmpty)
    }

    /// Another thread may be about to park the request.
    @Test func interruptsThatComeTooSoonAreKept() {
        let next = server.unique + 4
        #expect(server.ask(.interrupt, node: 0, Server.bytes(next)) == .done)
        #expect(read() == .later)
        #expect(server.unique == next)
        #expect(server.replies.all.map(\.error) == [-EINTR])
        #expect(server.server.status().interrupted == 1)
        #expect(server.server.status().waiting == 0)
        #expect(read() == .later)
        #expect(server.replies.all.count == 1)
    }

    @Test func onlyTheLastInterruptsAreKept() {
        let first = server.unique + 2
        for number in 0..<65 { _ = server.ask(.interrupt, node: 0, Server.bytes(first + 132 + 2 * UInt64(number))) }
        #expect(read() == .later)
        #expect(server.unique == first + 130)
        #expect(read() == .later)
        #expect(server.replies.all.isEmpty)
        #expect(read() == .later)
        #expect(server.replies.all.map(\.error) == [-EINTR])
    }

    @Test func otherThreadsAnswerTheSame() throws {
        let server = try Server()
        for (opcode, body) in [
            (Opcode.lookup, Array("file\0".utf8)), (.getattr, []), (.readdir, Server.range(0, 4096)), (.statfs, []),
        ] {
            #expect(server.askBeside(opcode, node: 1, body) == server.ask(opcode, node: 1, body), "\(opcode)")
        }
        let node = TinyImage.file + 1
        #expect(
            server.askBeside(.read, node: node, Server.range(0, 100))
                == server.ask(.read, node: node, Server.range(0, 100)))
        #expect(server.server.status().requests["read"] == 2)
    }

    @Test func theEndAnswersAllThatWait() {
        for block in 0..<2 { #expect(read(UInt64(block) * 4096) == .later) }
        server.server.stop()
        #expect(server.replies.all.map(\.error) == [-ENOTCONN, -ENOTCONN])
        #expect(source.answerHeld(.deliver) > 0)
        #expect(server.replies.all.count == 2)
    }
}
