// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// moto's server on a loopback port, which speaks S3, with one bucket.
package final class ObjectStoreServer {
    /// The key that requests are signed with; moto takes any, but not none.
    package static let accessKey = "AKIATEST"
    package static let secretKey = "zYxWvUtSrQ"

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    package let endpoint: String
    private let process: RunningProcess

    /// Starts it, and puts files into the bucket `bucket` under their keys.
    package init(_ files: [(key: String, path: String)]) throws {
        let port = try LoopbackPort.unused()
        endpoint = "http://127.0.0.1:\(port)"
        process = try RunningProcess(["moto_server", "-H", "127.0.0.1", "-p", "\(port)"])
        try eventually("moto_server on port \(port)") { [process] in
            guard process.isRunning else { throw TestFailure("moto_server has ended: \(process.errorsSoFar)") }
            return LoopbackPort.answers(port)
        }
        let curl = ["curl", "-sS", "--fail", "--noproxy", "*", "-o", "/dev/null"]
        try runToSuccess(curl + ["-X", "PUT", "\(endpoint)/bucket"])
        for (key, path) in files { try runToSuccess(curl + ["-T", path, "\(endpoint)/bucket/\(key)"]) }
    }

    deinit { stop() }

    /// Stops at once; connections break.
    package func stop() { process.kill() }
}
