// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// One connection of a scripted server; used by its own thread, except for ``cut()``.
final class ServerConnection: @unchecked Sendable {
    private let socket: Int32
    private var buffer: [UInt8] = []
    private var isOver = false

    init(socket: Int32) { self.socket = socket }

    /// The next request; nil when the client has gone or the script has ended the connection.
    func readRequest() -> ServerRequest? {
        var lines: [String] = []
        while let line = readLine() {
            if line.isEmpty { break }
            lines.append(line)
        }
        guard let first = lines.first else { return nil }
        var request = ServerRequest()
        let words = first.split(separator: " ")
        guard words.count == 3 else { return nil }
        (request.method, request.target) = (String(words[0]), String(words[1]))
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            request.fields[line[..<colon].lowercased()] = String(value)
        }
        let length = request.fields["content-length"].flatMap { Int($0) } ?? 0
        while buffer.count < length, fill() {}
        request.body = String(decoding: buffer.prefix(length), as: UTF8.self)
        buffer.removeFirst(min(length, buffer.count))
        return request
    }

    /// Sends a head and a body; `Content-Length` is added unless the fields have one.
    func answer(_ status: Int, _ fields: [String: String] = [:], _ body: some Collection<UInt8> = [UInt8]()) {
        var fields = fields
        if fields["Content-Length"] == nil { fields["Content-Length"] = "\(body.count)" }
        let head = fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\r\n" }.joined()
        send(Array("HTTP/1.1 \(status) Test\r\n\(head)\r\n".utf8) + Array(body))
    }

    /// Answers as an honest server of `blob` does.
    func serve(_ blob: [UInt8], _ request: ServerRequest, tag: String? = "\"v1\"") {
        var fields = ["Accept-Ranges": "bytes"]
        fields["ETag"] = tag
        if let wanted = request.fields["if-range"], wanted != tag { return answer(200, fields, blob) }
        guard let range = request.range else { return answer(200, fields, blob) }
        guard range.lowerBound < blob.count else {
            fields["Content-Range"] = "bytes */\(blob.count)"
            return answer(416, fields)
        }
        let clamped = range.clamped(to: 0..<blob.count)
        fields["Content-Range"] = "bytes \(clamped.lowerBound)-\(clamped.upperBound - 1)/\(blob.count)"
        answer(206, fields, blob[clamped])
    }

    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty, !isOver {
            let sent = rest.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return end() }
            rest = rest.dropFirst(sent)
        }
    }

    /// Ends the connection after what was sent.
    func end() {
        isOver = true
        shutdown(socket, Int32(SHUT_RDWR))
    }

    /// Ends the connection with a reset.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        isOver = true
    }

    /// Wakes the connection's thread from whatever it waits for; callable from any thread.
    func cut() { shutdown(socket, Int32(SHUT_RDWR)) }

    /// Closes the socket.
    func finish() { close(socket) }

    private func readLine() -> String? {
        while !isOver {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = buffer[..<end].filter { $0 != UInt8(ascii: "\r") }
                buffer.removeFirst(end + 1)
                return String(decoding: line, as: UTF8.self)
            }
            guard fill() else { return nil }
        }
        return nil
    }

    private func fill() -> Bool {
        var piece = [UInt8](repeating: 0, count: 4096)
        let count = piece.withUnsafeMutableBytes { recv(socket, $0.baseAddress, $0.count, 0) }
        guard count > 0 else { return false }
        buffer.append(contentsOf: piece.prefix(count))
        return true
    }
}
