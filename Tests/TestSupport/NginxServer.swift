// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// nginx on a loopback port, serving the files of a directory and writing down what was asked for.
package final class NginxServer {
    package let port: UInt16
    /// `http://127.0.0.1:PORT`, or the same with https, without a slash at the end.
    package var url: String { "\(isEncrypted ? "https" : "http")://127.0.0.1:\(port)" }

    private let isEncrypted: Bool
    private let state: TemporaryDirectory
    private var process: RunningProcess?
    private var sentinels = 0

    /// Starts serving; returns when connections are accepted.
    ///
    /// - Parameters:
    ///   - certificates: for TLS; nil for plain http.
    ///   - zones: more lines of nginx's section `http`.
    ///   - rules: more lines of its section `server`.
    package init(
        serving directory: String, certificates: TestCertificates? = nil, zones: String = "", rules: String = ""
    ) throws {
        state = try TemporaryDirectory()
        port = try LoopbackPort.unused()
        isEncrypted = certificates != nil
        let secrets = certificates.map { "ssl_certificate \($0.certificate); ssl_certificate_key \($0.key);" } ?? ""
        try write(
            NginxServer.configuration(
                listening: "127.0.0.1:\(port)\(certificates == nil ? "" : " ssl")", root: directory, state: state.path,
                zones: zones, rules: secrets + rules),
            to: state.path("nginx.conf"))
        try start()
    }

    deinit { stop() }

    /// Starts again after a stop, on the same port.
    package func start() throws {
        let server = try RunningProcess(
            ["nginx", "-p", state.path, "-c", state.path("nginx.conf"), "-e", state.path("error.log")])
        process = server
        try eventually("nginx on port \(port)") {
            guard server.isRunning else { throw TestFailure("nginx has ended: \(errorLog)\(server.errorsSoFar)") }
            return LoopbackPort.answers(port)
        }
    }

    /// Stops at once; connections break.
    package func stop() {
        process?.kill()
        process = nil
    }

    /// Everything asked for up to now, oldest first.
    ///
    /// The server has to run. A line is written when a request has ended, which the client may notice first. The server is one process that does
    /// one thing at a time, so a request of our own, once in the log, proves that all earlier ones are there as well.
    package func requests() throws -> [ServedRequest] {
        sentinels += 1
        let mark = "/sentinel-\(sentinels)"
        try runToSuccess(["curl", "-s", "-k", "-o", "/dev/null", "--noproxy", "*", url + mark])
        var all: [ServedRequest] = []
        try eventually("\(mark) in nginx's log") {
            all = try log()
            return all.contains { $0.path == mark }
        }
        return all.filter { !$0.path.hasPrefix("/sentinel-") }
    }

    private func log() throws -> [ServedRequest] {
        let text = String(decoding: try bytes(ofFile: state.path("access.log")), as: UTF8.self)
        return text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count == 6, let status = Int(fields[3]), let bytes = Int(fields[4]) else { return nil }
            return ServedRequest(
                method: String(fields[0]), path: String(fields[1]),
                range: ServedRequest.range(fromHeader: fields[2]), status: status, bytes: bytes,
                authorization: fields[5] == "-" ? nil : String(fields[5]))
        }
    }

    private var errorLog: String {
        (try? String(decoding: bytes(ofFile: state.path("error.log")), as: UTF8.self)) ?? ""
    }

    private static func configuration(
        listening: String, root: String, state: String, zones: String, rules: String
    ) -> String {
        let bodies = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "    \($0)_temp_path \(state)/\($0);" }
        return """
            daemon off;
            master_process off;
            pid \(state)/nginx.pid;
            error_log \(state)/error.log;
            events { worker_connections 512; }
            http {
            \(bodies.joined(separator: "\n"))
                log_format ranges '$request_method\t$request_uri\t$http_range\t$status\t$body_bytes_sent\t'
                    '$http_authorization';
                access_log \(state)/access.log ranges;
                default_type application/octet-stream;
                \(zones)
                server {
                    listen \(listening);
                    root \(root);
                    \(rules)
                }
            }

            """
    }
}
