// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives

/// Answers questions about a mount on its control socket.
///
/// One thread takes connections, each connection has a thread of its own: a client that is slow, or that watches for
/// hours, keeps nobody else waiting. More connections than ``limit`` are refused.
final class ControlServer: Sendable {
    private struct Connections {
        /// Those that are being answered, by a number.
        var open: [UInt64: Descriptor] = [:]
        var last: UInt64 = 0
    }

    /// Connections at the same time.
    private static let limit = 32
    private let path: String
    private let listener: Descriptor
    /// The socket file's inode number.
    private let inode: ino_t
    private let answers: ControlAnswers
    private let thread: Locked<NamedThread?>
    private let connections = Locked(Connections())
    private let changed = Condition()

    init(mountPoint: String, _ answers: ControlAnswers) throws(SystemError) {
        let path = try ControlSocket.makeDirectory() + "/" + ControlSocket.name(mountPoint: mountPoint)
        // Whoever is mounted below us here has lost its place anyway.
        let listener = try UnixSocketAddress.listen(
            at: path, type: Int32(SOCK_STREAM.rawValue), backlog: 8, takingOver: true)
        var status = stat()
        inode = lstat(path, &status) == 0 ? status.st_ino : 0
        self.path = path
        self.listener = listener
        self.answers = answers
        thread = Locked(nil)
        let started = try NamedThread("control") { [self] in serve() }
        thread.withLock { $0 = started }
    }

    /// Takes the socket away, lets watchers have what waits for them, and ends all threads.
    func stop() {
        // After an unmount the next mount may have its socket there already.
        var status = stat()
        if lstat(path, &status) == 0, status.st_ino == inode { unlink(path) }
        shutdown(listener.raw, Int32(SHUT_RDWR))
        thread.withLock { $0.take() }?.join()
        answers.endOfMount()
        // Who does not read must not keep the mount from ending.
        let deadline = MonotonicTime.now.advanced(milliseconds: 1000)
        connections.withLock(waitingOn: changed) { connections, waiter in
            while !connections.open.isEmpty, waiter.wait(for: &connections, until: deadline) {}
            for connection in connections.open.values { shutdown(connection.raw, Int32(SHUT_RDWR)) }
            while !connections.open.isEmpty { waiter.wait(for: &connections) }
        }
    }

    private func serve() {
        while true {
            let raw = accept(listener.raw, nil, nil)
            if raw < 0 {
                if errno == EINTR || errno == ECONNABORTED { continue }
                // Out of descriptors or memory for the moment: others will give some back.
                guard errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS else { return }
                poll(nil, 0, 200)
                continue
            }
            _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
            take(Descriptor(owning: raw))
        }
    }

    private func take(_ connection: Descriptor) {
        let number: UInt64? = connections.withLock { connections in
            guard connections.open.count < ControlServer.limit else { return nil }
            connections.last += 1
            connections.open[connections.last] = connection
            return connections.last
        }
        guard let number else { return refuse(connection) }
        let thread = try? NamedThread("control-answer") { [self] in
            answers.answer(line(connection), on: connection)
            leave(number)
        }
        guard thread == nil else { return }
        refuse(connection)
        leave(number)
    }

    private func leave(_ number: UInt64) {
        connections.withLock { $0.open[number] = nil }
        changed.broadcast()
    }

    /// The question; empty when none comes in time.
    private func line(_ connection: Descriptor) -> String {
        ControlServer.setPatience(of: connection, SO_RCVTIMEO, seconds: 2)
        ControlServer.setPatience(of: connection, SO_SNDTIMEO, seconds: 2)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 256)
        while bytes.count < 4096, !bytes.contains(UInt8(ascii: "\n")) {
            let count = read(connection.raw, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    private func refuse(_ connection: Descriptor) {
        ControlServer.setPatience(of: connection, SO_SNDTIMEO, seconds: 2)
        StandardOutput.write(ControlError("too many ask at the same time").text, to: connection.raw)
    }

    /// How long a client may take to say or to take something; 0 for ever.
    static func setPatience(of connection: Descriptor, _ option: Int32, seconds: Int) {
        var patience = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(connection.raw, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
    }
}
