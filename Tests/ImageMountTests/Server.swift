// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import FUSE
import Fscache
import Primitives
import TestSupport

@testable import ImageMount
@testable import ImageReader

/// An image server over a tiny image, with the test in the place of the kernel.
final class Server {
    let server: ImageServer
    let replies = RecordedReplies()
    let listing: ListingMode
    let log = Locked<[String]>([])
    private let reply = ReplyBuffer()
    private let directory: TemporaryDirectory
    private var lastUnique: UInt64 = 100

    /// The answer to a request.
    enum Answer: Equatable {
        case payload([UInt8])
        case error(Int32)
        case later
        case done
    }

    /// Serves the image as a blob that `source` delivers.
    init(
        _ source: HeldSource, adaptive: Bool = false, readAhead: UInt64 = 0
    ) throws {
        directory = try TemporaryDirectory()
        let cache = try Cache(directory: directory.path)
        let blob = try Blob.open(
            "image", in: try cache.volume("test"), sources: [source], settings: Server.settings(readAhead))
        let reader = try ImageReader(try Bootstrap(.blob(blob)), devices: [])
        let answerer = Answerer(reader, validity: .endless, listing: ListingMode(adaptive: adaptive))
        listing = answerer.listing
        let log = log
        server = ImageServer(
            answerer, channel: replies, workers: 2, seats: 2,
            log: { line in log.withLock { $0.append(line) } }, ready: {})
    }

    /// Serves the tiny image, all of which is there at once.
    convenience init(adaptive: Bool = false) throws {
        try self.init(HeldSource(TinyImage().bytes, heldFrom: .max), adaptive: adaptive)
    }

    deinit { server.stop() }

    private static func settings(_ readAhead: UInt64) -> FetchSettings {
        var settings = FetchSettings()
        settings.window = 4096
        settings.largestReadAhead = readAhead
        return settings
    }

    /// The number of the last request.
    var unique: UInt64 { lastUnique }

    /// Sends a request, and gives what the serving thread made of it.
    func ask(_ opcode: Opcode, node: UInt64, _ body: [UInt8] = [], user: UInt32 = 0) -> Answer {
        lastUnique += 2
        return message(opcode, node, body, user).withUnsafeBytes { message in
            guard let request = Request(message) else { return .later }
            reply.reset()
            return answer(server.serve(request, into: reply))
        }
    }

    /// Sends a request, and gives what another thread than the serving thread made of it.
    func askBeside(_ opcode: Opcode, node: UInt64, _ body: [UInt8] = []) -> Answer {
        lastUnique += 2
        return message(opcode, node, body, 0).withUnsafeBytes { message in
            guard let request = Request(message) else { return .later }
            reply.reset()
            return answer(server.serve(request, into: reply, at: 1, answering: replies))
        }
    }

    private func answer(_ outcome: FUSE.Outcome) -> Answer {
        switch outcome {
        case .reply, .slowReply: .payload(Array(reply.payload[..<reply.count]))
        case .fail(let error): .error(error)
        case .later, .crowded: .later
        case .sent, .done: .done
        }
    }

    /// Tells the server that a read was costly, as a disk or a codec makes it.
    func costly(_ opcode: Opcode, node: UInt64, _ body: [UInt8]) {
        message(opcode, node, body, 0).withUnsafeBytes { message in
            guard let request = Request(message) else { return }
            guard let read = server.fileRead(Question(request, opcode, server.answerer.numbers)) else { return }
            server.makeEarly(after: read)
        }
    }

    private func message(_ opcode: Opcode, _ node: UInt64, _ body: [UInt8], _ user: UInt32) -> [UInt8] {
        var bytes: [UInt8] = []
        for value in [UInt32(40 + body.count), opcode.rawValue] { withUnsafeBytes(of: value) { bytes += $0 } }
        for value in [lastUnique, node] { withUnsafeBytes(of: value) { bytes += $0 } }
        for value in [user, 0, 0, 0] { withUnsafeBytes(of: value) { bytes += $0 } }
        return bytes + body
    }

    /// Sends a request and waits for its answer, whoever gives it.
    func settle(_ opcode: Opcode, node: UInt64, _ body: [UInt8] = [], user: UInt32 = 0) -> Answer {
        let before = replies.all.count
        let answer = ask(opcode, node: node, body, user: user)
        guard answer == .later || answer == .done, let reply = replies.wait(for: before + 1).last else {
            return answer
        }
        return reply.error == 0 ? .payload(reply.payload) : .error(-reply.error)
    }

    /// Looks a name up.
    func lookUp(_ name: String, in node: UInt64 = 1) -> Answer { settle(.lookup, node: node, Array(name.utf8) + [0]) }

    /// The body of READ, READDIR, READDIRPLUS and LSEEK.
    static func range(_ offset: UInt64, _ size: UInt32) -> [UInt8] {
        bytes(UInt64(0)) + bytes(offset) + bytes(size) + [UInt8](repeating: 0, count: 20)
    }

    /// The bytes of an integer in the machine's order.
    static func bytes<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }
}

extension [UInt8] {
    /// An integer at an offset.
    func load<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as type: Value.Type) -> Value {
        withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
    }
}

extension Server.Answer {
    /// The payload; empty for an error.
    var payload: [UInt8] { if case .payload(let bytes) = self { bytes } else { [] } }
}
