// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// An HTTP server for files of a directory that misbehaves as a test tells it.
package final class ScriptedServer: Sendable {
    /// What becomes of a request.
    package enum Answer: Sendable, Equatable {
        /// The file, or the part asked for.
        case file
        /// The header, and then nothing until ``ScriptedServer/release()``.
        case stall
        /// As `file`, with a bit of this byte of the file flipped.
        case flipped(at: Int)
        /// This status without content.
        case status(Int)
        /// The header, this many bytes of the content, and the connection is closed.
        case cut(after: Int)
    }

    package let port: UInt16
    /// `http://127.0.0.1:PORT`, without a slash at the end.
    package var url: String { "http://127.0.0.1:\(port)" }

    private let directory: String
    private let listener: Int32
    private let state: Mutex<State>

    private struct State {
        var answer: @Sendable (ServedRequest) -> Answer
        var requests: [ServedRequest] = []
        var stalled = 0
        var generation = 0
        var stopped = false
    }

    /// Starts serving; `answer` decides about each request, on the thread of its connection.
    package init(
        serving directory: String, _ answer: @escaping @Sendable (ServedRequest) -> Answer = { _ in .file }
    ) throws {
        self.directory = directory
        state = Mutex(State(answer: answer))
        port = try LoopbackPort.unused()
        listener = try LoopbackPort.listen(on: port)
        startThread { [listener] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else {
                    if errno == EINTR || errno == ECONNABORTED { continue }
                    return
                }
                startThread { [weak self] in
                    self?.serve(client)
                    close(client)
                }
            }
        }
    }

    deinit { stop() }

    /// Changes what becomes of requests from now on.
    package func answer(_ answer: @escaping @Sendable (ServedRequest) -> Answer) {
        state.withLock { $0.answer = answer }
    }

    /// All requests so far, in the order of their arrival; `bytes` is what would be sent if nothing went wrong.
    package var requests: [ServedRequest] { state.withLock { $0.requests } }

    /// How many requests wait for ``release()`` now.
    package var stalled: Int { state.withLock { $0.stalled } }

    /// Lets every stalled request go on.
    package func release() { state.withLock { $0.generation += 1 } }

    /// Refuses connections from now on, and lets stalled requests go on.
    package func stop() {
        let first = state.withLock { state in
            defer { state.stopped = true }
            state.generation += 1
            return !state.stopped
        }
        guard first else { return }
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func serve(_ client: Int32) {
        var pending: [UInt8] = []
        while let header = readHeader(client, &pending) {
            guard let request = parse(header), respond(to: request, on: client) else { return }
        }
    }

    /// Sends one response; false when the connection is to be closed.
    private func respond(to request: ServedRequest, on client: Int32) -> Bool {
        let (script, stopped) = state.withLock { state in
            state.requests.append(request)
            return (state.answer, state.stopped)
        }
        if stopped { return false }
        let answer = script(request)
        if case .status(let code) = answer {
            return send(client, "HTTP/1.1 \(code) Scripted\r\nContent-Length: 0\r\n\r\n".utf8)
        }
        guard var file = try? bytes(ofFile: directory + request.path), request.status < 300 else {
            return send(client, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".utf8)
        }
        if case .flipped(let offset) = answer, file.indices.contains(offset) { file[offset] ^= 1 }
        let range = (request.range ?? 0..<file.count).clamped(to: 0..<file.count)
        guard send(client, header(for: request, range, of: file.count).utf8) else { return false }
        if request.method == "HEAD" { return true }
        if answer == .stall { waitForRelease() }
        if case .cut(let count) = answer {
            _ = send(client, file[range].prefix(count))
            return false
        }
        return send(client, file[range])
    }

    private func header(for request: ServedRequest, _ range: Range<Int>, of size: Int) -> String {
        let status = request.range == nil ? "200 OK" : "206 Partial Content"
        let place =
            request.range == nil ? "" : "Content-Range: bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)\r\n"
        return
            "HTTP/1.1 \(status)\r\nAccept-Ranges: bytes\r\nETag: \"\(size)\"\r\nContent-Length: \(range.count)\r\n\(place)\r\n"
    }

    private func waitForRelease() {
        let generation = state.withLock { state in
            state.stalled += 1
            return state.generation
        }
        while state.withLock({ $0.generation == generation }) { usleep(5_000) }
        state.withLock { $0.stalled -= 1 }
    }

    private func readHeader(_ client: Int32, _ pending: inout [UInt8]) -> String? {
        var part = [UInt8](repeating: 0, count: 4096)
        while pending.count < 65_536 {
            if let end = pending.indices.first(where: { pending[$0...].starts(with: "\r\n\r\n".utf8) }) {
                let header = String(decoding: pending[..<end], as: UTF8.self)
                pending.removeFirst(end + 4)
                return header
            }
            let count = recv(client, &part, part.count, 0)
            guard count > 0 else { return nil }
            pending += part.prefix(count)
        }
        return nil
    }

    private func parse(_ header: String) -> ServedRequest? {
        let lines = header.split(separator: "\r\n")
        guard let words = lines.first?.split(separator: " "), words.count == 3 else { return nil }
        let value = lines.first { $0.lowercased().hasPrefix("range:") }?.dropFirst(6).drop { $0 == " " }
        let range = value.flatMap { ServedRequest.range(fromHeader: $0) }
        let exists = access(directory + String(words[1]), R_OK) == 0
        return ServedRequest(
            method: String(words[0]), path: String(words[1]), range: range,
            status: exists ? (range == nil ? 200 : 206) : 404, bytes: range?.count ?? 0)
    }

    private func send(_ client: Int32, _ content: some Sequence<UInt8>) -> Bool {
        var rest = Array(content)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}

/// Starts a detached thread.
private func startThread(_ body: @escaping @Sendable () -> Void) {
    final class Start {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    let start = Unmanaged.passRetained(Start(body))
    var thread = pthread_t()
    let code = pthread_create(
        &thread, nil,
        { context in
            if let context { Unmanaged<Start>.fromOpaque(context).takeRetainedValue().body() }
            return nil
        }, start.toOpaque())
    if code == 0 { pthread_detach(thread) } else { start.release() }
}
