// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import FUSE
import Glibc
import ImageMount
import Primitives
import Testing

@testable import LayerStore

/// A store whose one layer is known and never opens, with the test in the place of the kernel.
@Suite struct StoreServerTests {
    private static let digest = "sha256:" + String(repeating: "5c", count: 32)
    /// base64 of `q.io/a:c`.
    private static let image = "cS5pby9hOmM="

    private struct Provider: LayerProvider {
        func facts(of digest: String, in image: String) -> LayerFacts? {
            guard image == "q.io/a:c", digest == StoreServerTests.digest else { return nil }
            return LayerFacts(digest: digest, size: 77, diffID: "sha256:00", diffSize: 99)
        }

        func open(_ digest: String, base: UInt64, channel: any ReplyChannel) -> ImageBranch? { nil }
    }

    /// Error and payload by request.
    private final class Replies: ReplyChannel {
        let isQuiet = true
        private let all = Locked<[UInt64: (error: Int32, payload: [UInt8])]>([:])
        private let changed = Condition()

        func send(_ message: UnsafeRawBufferPointer) {
            let unique = message.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            let error = -message.loadUnaligned(fromByteOffset: 4, as: Int32.self)
            all.withLock { $0[unique] = (error, Array(message[16...])) }
            changed.broadcast()
        }

        func wait(for unique: UInt64) -> (error: Int32, payload: [UInt8])? {
            let deadline = MonotonicTime.now.advanced(milliseconds: 60_000)
            return all.withLock(waitingOn: changed) { all, waiter in
                while all[unique] == nil, waiter.wait(for: &all, until: deadline) {}
                return all[unique]
            }
        }
    }

    private let replies = Replies()
    private let server: StoreServer

    init() { server = StoreServer(Provider(), channel: replies, ready: {}) }

    /// The answer to a request, whenever it comes: an error, or the payload.
    private func ask(
        _ opcode: Opcode, _ node: UInt64, _ body: [UInt8], unique: UInt64 = 7
    ) throws -> (error: Int32, payload: [UInt8]) {
        var bytes = [UInt8](repeating: 0, count: 40) + body
        let count = UInt32(bytes.count)
        bytes.withUnsafeMutableBytes { bytes in
            bytes.storeBytes(of: count, toByteOffset: 0, as: UInt32.self)
            bytes.storeBytes(of: opcode.rawValue, toByteOffset: 4, as: UInt32.self)
            bytes.storeBytes(of: unique, toByteOffset: 8, as: UInt64.self)
            bytes.storeBytes(of: node, toByteOffset: 16, as: UInt64.self)
        }
        let reply = ReplyBuffer(limit: 1 << 16)
        let outcome = try bytes.withUnsafeBytes { bytes in server.serve(try #require(Request(bytes)), into: reply) }
        switch outcome {
        case .reply, .slowReply: return (0, Array(reply.payload[..<reply.count]))
        case .fail(let error): return (error, [])
        case .sent, .done: return (-1, [])
        case .later, .crowded: return try #require(replies.wait(for: unique))
        }
    }

    private func name(_ text: String) -> [UInt8] { Array(text.utf8) + [0] }

    /// The number behind a name.
    private func look(_ text: String, in node: UInt64, unique: UInt64 = 7) throws -> UInt64 {
        let (error, payload) = try ask(.lookup, node, name(text), unique: unique)
        try #require(error == 0, "\(text): \(error)")
        return payload.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
    }

    @Test func aLayerHasWhatContainerToolsLookFor() throws {
        defer { server.stop() }
        let image = try look(StoreServerTests.image, in: 1)
        let layer = try look(StoreServerTests.digest, in: image)
        #expect(try look("diff", in: layer) == ImageBranch.span + 1)
        let info = try look("info", in: layer)
        let read = [UInt8](repeating: 0, count: 16) + [0, 4, 0, 0] + [UInt8](repeating: 0, count: 20)
        let text = String(decoding: try ask(.read, info, read).payload, as: UTF8.self)
        #expect(text.contains(#""compressed-diff-digest":"\#(StoreServerTests.digest)""#))
        #expect(text.contains(#""diff-size":99,"compression":2}"#))
        let blob = try look("blob", in: layer)
        #expect(try ask(.read, blob, read).error == EOPNOTSUPP)
        // The directory itself is there before the layer is open; what is in it is not.
        #expect(try ask(.getattr, ImageBranch.span + 1, [UInt8](repeating: 0, count: 16)).error == 0)
        #expect(try ask(.lookup, ImageBranch.span + 1, name("etc"), unique: 8).error == EIO)
    }

    @Test func usesAreCountedAndAnsweredWithAbsence() throws {
        defer { server.stop() }
        let image = try look(StoreServerTests.image, in: 1)
        let layer = try look(StoreServerTests.digest, in: image)
        #expect(try ask(.lookup, layer, name("use")).error == ENOENT)
        let create = [UInt8](repeating: 0, count: 16)
        #expect(try ask(.create, layer, create + name("use")).error == ENOENT)
        #expect(try ask(.create, layer, create + name("other")).error == Glibc.EROFS)
        #expect(try ask(.rmdir, image, name(StoreServerTests.digest)).error == ENOENT)
        #expect(try ask(.unlink, layer, name("info")).error == Glibc.EROFS)
    }

    @Test func whatIsNotThereIsAbsent() throws {
        defer { server.stop() }
        #expect(try ask(.lookup, 1, name("diff")).error == ENOENT)
        let image = try look(StoreServerTests.image, in: 1)
        #expect(try ask(.lookup, image, name("sha256:no")).error == ENOENT)
        let other = "sha256:" + String(repeating: "00", count: 32)
        #expect(try ask(.lookup, image, name(other), unique: 9).error == ENOENT)
        #expect(try ask(.getattr, 5555, [UInt8](repeating: 0, count: 16)).error == ESTALE)
        #expect(try ask(.statfs, ImageBranch.span + 1, []).error == 0)
    }

    @Test func numbersOfNoLayerAreStale() throws {
        defer { server.stop() }
        let layer = try look(StoreServerTests.digest, in: try look(StoreServerTests.image, in: 1))
        #expect(layer > 0)
        // The first is behind the last layer, the other what an inode of a metabox would be.
        for node in [2 * ImageBranch.span + 5, ImageBranch.span + 1 << 63 + 5] {
            #expect(try ask(.lookup, node, name("etc")).error == ESTALE)
            #expect(try ask(.getattr, node, [UInt8](repeating: 0, count: 16)).error == ESTALE)
            #expect(try ask(.forget, node, [UInt8](repeating: 0, count: 8)).error == -1)
        }
    }
}
