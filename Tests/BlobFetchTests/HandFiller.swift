// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import CLinux
import Glibc
import Primitives
import TestSupport

/// An external filler, each of whose steps a test makes.
final class HandFiller {
    private let connection: Descriptor
    private(set) var file: Descriptor?

    init(_ path: String) throws {
        connection = Descriptor(
            owning: socket(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0))
        guard try UnixSocketAddress.with(path, { connect(connection.raw, $0, $1) }) == 0 else {
            throw SystemError("connect", on: path)
        }
    }

    /// Ends the connection at once: a process that another test is about to start may have the descriptor for a moment more.
    deinit { shutdown(connection.raw, Int32(SHUT_RDWR)) }

    /// Waits for the next message; nil at the end.
    func next() throws -> FillerMessage? {
        var event = pollfd(fd: connection.raw, events: Int16(POLLIN), revents: 0)
        guard poll(&event, 1, 60_000) == 1 else { throw TestFailure("no message came") }
        var bytes = [UInt8](repeating: 0, count: FillerMessage.longest)
        var raw: Int32 = -1
        let count = clinux_receive_with_descriptor(connection.raw, &bytes, bytes.count, &raw)
        if raw >= 0 { file = Descriptor(owning: raw) }
        return count > 0 ? bytes[..<count].withUnsafeBytes { FillerMessage($0) } : nil
    }

    func say(_ command: String) { _ = clinux_send_with_descriptor(connection.raw, command, command.utf8.count, -1) }

    /// Writes a byte over a range of the object that was opened last.
    func fill(_ range: Range<Int>, with byte: UInt8) {
        let bytes = [UInt8](repeating: byte, count: range.count)
        _ = pwrite(file?.raw ?? -1, bytes, bytes.count, range.lowerBound)
    }

    /// Waits for OPEN and answers it.
    ///
    /// - Returns: The object's number.
    func answerOpen(size: Int) throws -> UInt32 {
        guard case .open(let message, let object, _, _) = try next() else { throw TestFailure("no OPEN came") }
        say("copen \(message),\(size)")
        return object
    }

    /// Waits for READ.
    func read() throws -> (message: UInt32, range: Range<Int>) {
        guard case .read(let message, _, let start, let length) = try next() else { throw TestFailure("no READ came") }
        return (message, Int(start)..<Int(start + length))
    }
}
