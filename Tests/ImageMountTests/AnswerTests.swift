// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import FUSE
import Glibc
import Primitives
import Testing

@testable import ImageMount

@Suite(.serialized) struct AnswerTests {
    private let server: Server

    init() throws { server = try Server() }

    private func node(_ nid: UInt64) -> UInt64 { nid + 1 }

    @Test func lookupGivesNodeAndAttributes() {
        let entry = server.lookUp("big").payload
        #expect(entry.count == 128)
        #expect(entry.load(0, as: UInt64.self) == node(TinyImage.big))
        #expect(entry.load(40, as: UInt64.self) == TinyImage.big)
        #expect(entry.load(48, as: UInt64.self) == UInt64(TinyImage.bigSize))
        #expect(entry.load(40 + 60, as: UInt32.self) == 0o100644)
        #expect(entry.load(40 + 68, as: UInt32.self) == 1000)
    }

    @Test func absentNamesMayBeRemembered() {
        let entry = server.lookUp("nothing").payload
        #expect(entry.count == 128)
        #expect(entry.load(0, as: UInt64.self) == 0)
        #expect(entry.load(16, as: UInt64.self) > 1_000_000)
    }

    @Test func lookupRefuses() {
        #expect(server.lookUp(String(repeating: "n", count: 256)) == .error(ENAMETOOLONG))
        #expect(server.lookUp("x", in: node(TinyImage.file)) == .error(ENOTDIR))
        #expect(server.lookUp("bad") == .error(EUCLEAN))
    }

    @Test func rootIsNodeOne() {
        let attributes = server.settle(.getattr, node: 1, [UInt8](repeating: 0, count: 16)).payload
        #expect(attributes.count == 104)
        #expect(attributes.load(16, as: UInt64.self) == TinyImage.root)
        #expect(attributes.load(16 + 60, as: UInt32.self) == 0o040755)
    }

    @Test func links() {
        #expect(server.settle(.readlink, node: node(TinyImage.link)) == .payload(Array("target".utf8)))
        #expect(server.settle(.readlink, node: node(TinyImage.file)) == .error(EINVAL))
    }

    @Test(arguments: [(0, 5), (1, 3), (4, 100), (5, 10), (1 << 40, 10)]) func inlineReads(_ offset: Int, _ size: Int) {
        let content = Array("hello".utf8)
        let expected = offset < 5 ? Array(content[offset..<min(5, offset + size)]) : []
        let range = Server.range(UInt64(offset), UInt32(size))
        #expect(server.settle(.read, node: node(TinyImage.file), range) == .payload(expected))
    }

    @Test(arguments: [(0, 5000), (4090, 20), (4999, 1), (4096, 4096)]) func blockReads(_ offset: Int, _ size: Int) {
        let expected = (offset..<min(TinyImage.bigSize, offset + size)).map { UInt8($0 % 251) }
        let range = Server.range(UInt64(offset), UInt32(size))
        #expect(server.settle(.read, node: node(TinyImage.big), range) == .payload(expected))
    }

    @Test func directoriesAreNotRead() {
        #expect(server.settle(.read, node: 1, Server.range(0, 10)) == .error(EISDIR))
    }

    @Test func statistics() {
        let answer = server.settle(.statfs, node: 1).payload
        #expect(answer.load(0, as: UInt64.self) == 18)
        #expect(answer.load(24, as: UInt64.self) == UInt64.max)
        #expect(answer.load(32, as: UInt64.self) == UInt64.max - 6)
        #expect(answer.load(40, as: UInt32.self) == 4096)
    }

    @Test func extendedAttributes() {
        let file = node(TinyImage.file)
        func value(_ name: String, size: UInt32) -> Server.Answer {
            server.settle(.getxattr, node: file, Server.bytes(size) + [0, 0, 0, 0] + Array(name.utf8) + [0])
        }
        #expect(value("user.x", size: 10) == .payload(Array("v".utf8)))
        #expect(value("user.x", size: 0) == .payload([1, 0, 0, 0, 0, 0, 0, 0]))
        #expect(value("user.y", size: 10) == .error(ENODATA))
        let list = server.settle(.listxattr, node: file, Server.bytes(UInt64(100)))
        #expect(list == .payload(Array("user.x".utf8) + [0]))
        #expect(server.settle(.listxattr, node: file, Server.bytes(UInt64(0))) == .payload([7, 0, 0, 0, 0, 0, 0, 0]))
        #expect(server.settle(.listxattr, node: file, Server.bytes(UInt64(3))) == .error(ERANGE))
        #expect(server.settle(.listxattr, node: node(TinyImage.big), Server.bytes(UInt64(9))) == .payload([]))
    }

    @Test func holes() {
        func seek(_ offset: UInt64, _ whence: UInt32) -> Server.Answer {
            server.settle(.lseek, node: node(TinyImage.big), Server.range(offset, whence))
        }
        #expect(seek(10, 3) == .payload(Server.bytes(UInt64(10))))
        #expect(seek(10, 4) == .payload(Server.bytes(UInt64(TinyImage.bigSize))))
        #expect(seek(5000, 3) == .error(ENXIO))
        #expect(seek(0, 9) == .error(EINVAL))
    }

    @Test func onlyWhatHasAnExecutionBitMayBeRun() {
        func access(_ nid: UInt64, _ mask: UInt32) -> Server.Answer {
            server.settle(.access, node: node(nid), Server.bytes(mask) + [0, 0, 0, 0])
        }
        #expect(access(TinyImage.big, UInt32(R_OK)) == .payload([]))
        #expect(access(TinyImage.big, UInt32(X_OK)) == .error(EACCES))
        #expect(access(TinyImage.big, UInt32(R_OK | X_OK)) == .error(EACCES))
        #expect(access(TinyImage.link, UInt32(X_OK)) == .payload([]))
        #expect(access(TinyImage.sub, UInt32(X_OK)) == .payload([]))
        #expect(access(TinyImage.bad, UInt32(R_OK)) == .error(EUCLEAN))
    }

    @Test func whatTheKernelDoesByItselfAndWhatWouldChangeTheTree() {
        for opcode in [Opcode.open, .opendir, .flush, .release] {
            #expect(server.ask(opcode, node: 1) == .error(ENOSYS))
        }
        for opcode in [Opcode.write, .setattr, .create, .unlink, .setxattr] {
            #expect(server.ask(opcode, node: 1) == .error(Glibc.EROFS))
        }
        #expect(server.ask(.forget, node: 1, Server.bytes(UInt64(1))) == .done)
        #expect(server.ask(.batchForget, node: 1, Server.bytes(UInt64(0))) == .done)
        #expect(server.replies.all.isEmpty)
    }

    @Test func damageIsLoggedOnceAndCounted() {
        for _ in 0..<3 {
            #expect(server.settle(.getattr, node: node(TinyImage.bad)) == .error(EUCLEAN))
        }
        #expect(server.log.withLock { $0.count } == 1)
        #expect(server.server.status().damaged == 3)
    }
}
