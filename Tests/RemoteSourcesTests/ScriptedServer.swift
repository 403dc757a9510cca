// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives

/// A request as a scripted server got it.
struct ServerRequest: Sendable {
    var method = ""
    var target = ""
    var fields: [String: String] = [:]
    var body = ""

    /// The two ends of `Range: bytes=A-B`, as a half-open range.
    var range: Range<Int>? {
        guard let text = fields["range"], text.hasPrefix("bytes=") else { return nil }
        let ends = text.dropFirst(6).split(separator: "-").compactMap { Int($0) }
        return ends.count == 2 ? ends[0]..<ends[1] + 1 : nil
    }
}

/// A loopback HTTP/1.1 server whose every answer is written by the test, byte for byte if need be.
final class ScriptedServer: Sendable {
    typealias Script = @Sendable (ServerRequest, ServerConnection) -> Void

    private struct State {
        var requests: [ServerRequest] = []
        var connections: [ServerConnection] = []
        var threads: [NamedThread] = []
        var stopped = false
    }

    let port: UInt16
    private let listener: Int32
    private let state = Locked(State())
    private let stopping = Condition()
    private let script: Script

    /// Listens on a free port of 127.0.0.1.
    init(_ script: @escaping Script) throws {
        self.script = script
        // A port that was asked for by number stays bound when listening ends; one that the kernel chose does not.
        let chosen = try Self.boundSocket(port: 0)
        defer { close(chosen.socket) }
        (listener, port) = try Self.boundSocket(port: chosen.port)
        try start()
    }

    private static func boundSocket(port: UInt16) throws -> (socket: Int32, port: UInt16) {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        // Who may share a port is also given one that another such server is bound to while it does not listen.
        if port != 0 { allowSharing(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0
            }
        }
        guard bound else { throw SystemError("bind") }
        allowSharing(socket)
        return (socket, UInt16(bigEndian: address.sin_port))
    }

    private static func allowSharing(_ socket: Int32) {
        var on: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Listens, again after ``pause()``.
    func start() throws {
        state.withLock { $0.stopped = false }
        guard listen(listener, 64) == 0 else { throw SystemError("listen") }
        let thread = try NamedThread("test-accept") { self.acceptLoop() }
        state.withLock { $0.threads.append(thread) }
    }

    var url: String { "http://127.0.0.1:\(port)/" }
    var requests: [ServerRequest] { state.withLock { $0.requests } }

    /// Ends the server for good; must be called once.
    func stop() {
        pause()
        close(listener)
    }

    /// Cuts all connections, and refuses new ones; the port stays ours.
    func pause() {
        let connections = state.withLock { state in
            state.stopped = true
            return state.connections
        }
        stopping.broadcast()
        shutdown(listener, Int32(SHUT_RDWR))
        for connection in connections { connection.cut() }
        while let thread = state.withLock({ $0.threads.popLast() }) { thread.join() }
    }

    /// Blocks a script until the server is stopped: a stalled answer.
    func stall() {
        state.withLock(waitingOn: stopping) { state, waiter in while !state.stopped { waiter.wait(for: &state) } }
    }

    private func acceptLoop() {
        while true {
            let socket = accept(listener, nil, nil)
            guard socket >= 0 else { return }
            let connection = ServerConnection(socket: socket)
            let isLate = state.withLock { state in
                if !state.stopped { state.connections.append(connection) }
                return state.stopped
            }
            guard !isLate, let thread = try? NamedThread("test-serve", { self.serve(connection) }) else {
                connection.finish()
                return
            }
            state.withLock { $0.threads.append(thread) }
        }
    }

    private func serve(_ connection: ServerConnection) {
        while let request = connection.readRequest() {
            state.withLock { $0.requests.append(request) }
            script(request, connection)
        }
        state.withLock { state in state.connections.removeAll { $0 === connection } }
        connection.finish()
    }
}
