// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import FUSE
import Primitives
import Testing

@testable import ImageMount

@Suite struct EarlyReplyTests {
    private static let window = 64 << 10
    private let node = TinyImage.big + 1
    private static let size = 20 * window + 100
    private let image = TinyImage(bigSize: EarlyReplyTests.size).bytes

    private func server(heldFrom: UInt64 = .max) throws -> Server {
        try Server(HeldSource(image, heldFrom: heldFrom))
    }

    private func content(_ index: Int) -> [UInt8] {
        let start = TinyImage.bigOffset + index * Self.window
        let end = min(start + Self.window, TinyImage.bigOffset + Self.size)
        return Array(image[start..<end])
    }

    /// Reads a window as the kernel would, as one that costs something.
    private func isRight(_ server: Server, _ index: Int, plans: Bool = true) -> Bool {
        let answer = read(server, index, plans)
        if case .error(let error) = answer { Issue.record("error \(error): \(server.log.withLock { $0 })") }
        return answer == .payload(content(index))
    }

    private func read(_ server: Server, _ index: Int, _ plans: Bool) -> Server.Answer {
        let range = Server.range(UInt64(index * Self.window), UInt32(Self.window))
        let before = server.replies.all.count
        let answer = server.ask(.read, node: node, range)
        if plans, case .payload = answer { server.costly(.read, node: node, range) }
        guard answer == .later || answer == .done else { return answer }
        guard let reply = server.replies.wait(for: before + 1).last, reply.unique == server.unique else {
            return answer
        }
        return reply.error == 0 ? .payload(reply.payload) : .error(-reply.error)
    }

    @Test func aSequentialReaderGetsRepliesThatWereMadeAhead() throws {
        let server = try server()
        // The first time everything has to be fetched.
        for plans in [false, true] {
            for index in 0...20 { #expect(isRight(server, index, plans: plans), "window \(index)") }
        }
        let status = server.server.status()
        #expect(status.early + status.handedOver >= 15, "\(status)")
        #expect(status.bytes == 2 * UInt64(Self.size))
        #expect(status.waiting == 0)
        // Every reply found its read: the next reads need not look for any.
        #expect(server.server.early.isEmpty)
    }

    @Test func aShorterReadGetsThePartThatItAskedFor() throws {
        let server = try server()
        for index in 0...20 { #expect(isRight(server, index, plans: false)) }
        for index in 0..<2 { #expect(isRight(server, index)) }
        let range = Server.range(UInt64(2 * Self.window), 5000)
        let isPrefix = server.settle(.read, node: node, range) == .payload(Array(content(2).prefix(5000)))
        #expect(isPrefix)
    }

    @Test func otherPlacesAreReadAsAlways() throws {
        let server = try server()
        for index in 0...20 { #expect(isRight(server, index, plans: false)) }
        for index in [0, 1, 9, 4, 19, 20, 0] { #expect(isRight(server, index), "window \(index)") }
    }

    @Test func whatIsMissingIsLeftToTheReadItself() throws {
        let server = try server()
        for index in 0..<2 { #expect(isRight(server, index, plans: false)) }
        for index in 0..<2 {
            server.costly(
                .read, node: node, Server.range(UInt64(index * Self.window), UInt32(Self.window)))
        }
        for index in 2...20 { #expect(isRight(server, index, plans: false), "window \(index)") }
    }

    @Test func aDroppedReplyIsFreeWhenItsWorkerIsDone() {
        let reply = EarlyReply(size: EarlyReply.size(for: 10))
        #expect(reply.aim(NodeID(rawValue: 1), 0, 10))
        #expect(!reply.aim(NodeID(rawValue: 2), 0, 10))
        #expect(reply.isWanted)
        reply.drop()
        #expect(!reply.isWanted)
        #expect(!reply.aim(NodeID(rawValue: 2), 0, 10))
        #expect(reply.made(true) == nil)
        #expect(!reply.aim(NodeID(rawValue: 2), 0, reply.size + 1))
        #expect(reply.aim(NodeID(rawValue: 2), 0, reply.size))
    }

    @Test func repliesComeInAFewSizes() {
        #expect(
            [1, 64 << 10, (64 << 10) + 1, 300 << 10, 1 << 20].map { EarlyReply.size(for: $0) >> 10 }
                == [64, 64, 128, 512, 1024])
    }

    @Test func whatNobodyComesForMakesRoomForOthers() {
        let window = SequentialReaders.windows.upperBound
        let replies = EarlyReplies(processors: 8)
        func batches(of nid: NodeID) -> [EarlyReply] {
            let ranges = [0, 1].map { UInt64($0 * window)..<UInt64(($0 + 1) * window) }
            return ranges.flatMap { replies.batches(after: nid, $0, size: 1 << 40) }.flatMap { $0 }
        }
        let nids = (1...20).map { NodeID(rawValue: $0) }
        for nid in nids {
            let made = batches(of: nid)
            #expect(made.count == SequentialReaders.depth)
            for reply in made { #expect(reply.made(true) == nil) }
        }
        let left = nids.filter { replies.has($0, UInt64(2 * window)) }
        let perReader = SequentialReaders.depth * window
        #expect(left == Array(nids.suffix(EarlyReplies.mostBytes / perReader)))
    }
}
