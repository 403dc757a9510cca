// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives

/// Answers questions about a mount on its control socket, from a thread of its own.
final class ControlServer: Sendable {
    private let path: String
    private let listener: Descriptor
    private let state: MountState
    private let thread: Locked<NamedThread?>

    init(mountPoint: String, _ state: MountState) throws(SystemError) {
        let path = try ControlSocket.makeDirectory() + "/" + ControlSocket.name(mountPoint: mountPoint)
        let listener = Descriptor(
            owning: socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0))
        unlink(path)
        guard try ControlSocket.withAddress(path, { bind(listener.raw, $0, $1) }) == 0, listen(listener.raw, 8) == 0
        else {
            throw SystemError("bind", on: path)
        }
        self.path = path
        self.listener = listener
        self.state = state
        thread = Locked(nil)
        let started = try NamedThread("control") { [self] in serve() }
        thread.withLock { $0 = started }
    }

    /// Takes the socket away and ends the thread.
    func stop() {
        unlink(path)
        shutdown(listener.raw, Int32(SHUT_RDWR))
        thread.withLock { $0.take() }?.join()
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
            let connection = Descriptor(owning: raw)
            // A client that says nothing must not keep the others waiting.
            var patience = timeval(tv_sec: 2, tv_usec: 0)
            setsockopt(raw, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
            setsockopt(raw, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
            StandardOutput.write(answer(to: line(connection)), to: connection.raw)
        }
    }

    private func answer(to question: String) -> String {
        switch question {
        case "status": JSON.text(state.report)
        default: ""
        }
    }

    private func line(_ connection: Descriptor) -> String {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = max(0, read(connection.raw, &bytes, bytes.count))
        return String(decoding: bytes[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}
