// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import CLinux
import Glibc
import Primitives

/// A filler's side of the socket of `mount --filler`: what it is told, and the files that it fills.
final class FillerClient {
    /// An object that was opened.
    struct Object {
        let cookie: String
        let file: Descriptor
    }

    let connection: Descriptor
    private(set) var objects: [UInt32: Object] = [:]

    /// Connects; waits up to ten seconds for a mount that is about to listen.
    init(path: String) throws {
        let connection = Descriptor(
            owning: socket(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0))
        let deadline = MonotonicTime.now.advanced(milliseconds: 10_000)
        while try UnixSocketAddress.with(path, { connect(connection.raw, $0, $1) }) != 0 {
            guard errno == ENOENT || errno == ECONNREFUSED, MonotonicTime.now < deadline else {
                throw SystemError("connect", on: path)
            }
            poll(nil, 0, 50)
        }
        self.connection = connection
    }

    /// The next message, with the number of its object noted; nil when the mount has closed.
    func next() throws -> FillerMessage? {
        var bytes = [UInt8](repeating: 0, count: FillerMessage.longest)
        var raw: Int32 = -1
        var count = 0
        repeat {
            count = clinux_receive_with_descriptor(connection.raw, &bytes, bytes.count, &raw)
        } while count < 0 && errno == EINTR
        let file = raw >= 0 ? Descriptor(owning: raw) : nil
        guard count > 0 else { return nil }
        guard let message = bytes[..<count].withUnsafeBytes({ FillerMessage($0) }) else {
            throw Failure("the mount said something that is no message")
        }
        switch message {
        case .open(_, let object, _, let cookie):
            guard let file else { throw Failure("the mount has opened '\(cookie)' without a descriptor") }
            objects[object] = Object(cookie: cookie, file: file)
        case .close(_, let object): objects[object] = nil
        case .read, .refused: break
        }
        return message
    }

    /// Says a command; to nobody when the mount has gone meanwhile, which ``next()`` tells.
    func say(_ command: String) throws {
        let bytes = Array(command.utf8)
        guard clinux_send_with_descriptor(connection.raw, bytes, bytes.count, -1) != bytes.count else { return }
        guard errno == EPIPE || errno == ECONNRESET else { throw SystemError("send", on: command) }
    }

    /// Copies bytes of a file to the same place in an object; stops at the file's end.
    ///
    /// - Returns: The bytes copied.
    func fill(_ object: UInt32, from source: Descriptor, at offset: UInt64, length: UInt64) throws -> UInt64 {
        guard let target = objects[object]?.file else { throw Failure("object \(object) is not open") }
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        var done: UInt64 = 0
        while done < length {
            let wanted = min(buffer.count, Int(clamping: length - done))
            let count = pread(source.raw, &buffer, wanted, Int(clamping: offset &+ done))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemError("read") }
            if count == 0 { break }
            var written = 0
            while written < count {
                let more = buffer[written..<count].withUnsafeBytes {
                    pwrite(target.raw, $0.baseAddress, $0.count, Int(clamping: offset &+ done) + written)
                }
                if more < 0, errno == EINTR { continue }
                guard more > 0 else { throw SystemError("write") }
                written += more
            }
            done += UInt64(count)
        }
        return done
    }
}

extension FillerMessage {
    /// The message as a line, in the form of Linux's tracepoints.
    var line: String {
        func hex(_ value: some FixedWidthInteger) -> String { String(value, radix: 16) }
        switch self {
        case .open(let message, let object, let volume, let cookie):
            return "OPEN mid=\(message) oid=\(object) volume=\(volume.printable) cookie=\(cookie.printable)\n"
        case .close(let message, let object): return "CLOSE mid=\(message) oid=\(object)\n"
        case .read(let message, let object, let start, let length):
            return "READ mid=\(message) oid=\(object) s=\(hex(start)) l=\(hex(length))\n"
        case .refused(let message, let errno):
            return "REFUSED mid=\(message): \(SystemError.text(for: errno))\n"
        }
    }
}
