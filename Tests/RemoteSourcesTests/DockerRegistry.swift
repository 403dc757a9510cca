// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import TestSupport

/// Debian's docker-registry on a loopback port, with one repository `team/app` written into its storage.
final class DockerRegistry {
    let port: UInt16
    let state: TemporaryDirectory
    private let process: RunningProcess

    /// Starts it; returns when it accepts connections.
    ///
    /// - Parameters:
    ///   - certificates: For TLS; nil for plain http.
    ///   - password: Whether it asks for `alice` and `secret`.
    ///   - tokens: The service whose tokens it wants; nil for none.
    ///   - manifest: What the tag `v1` stands for.
    init(
        _ certificates: TestCertificates?, password: Bool, tokens: TokenService? = nil, blobs: [[UInt8]],
        manifest: [UInt8]
    ) throws {
        let port = try LoopbackPort.unused()
        let state = try TemporaryDirectory()
        (self.port, self.state) = (port, state)
        try DockerRegistry.store(blobs, manifest, in: state)
        let lines = [
            "version: 0.1", "storage: {filesystem: {rootdirectory: \(state.path("data"))}}",
            "http:", "  addr: 127.0.0.1:\(port)",
            certificates.map { "  tls: {certificate: \($0.certificate), key: \($0.key)}" } ?? "",
            tokens?.setting ?? "",
            password ? "auth: {htpasswd: {realm: test, path: \(state.path("htpasswd"))}}" : "",
        ]
        try write(lines.joined(separator: "\n") + "\n", to: state.path("config.yml"))
        try write("alice:$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW\n", to: state.path("htpasswd"))
        let process = try RunningProcess(
            ["docker-registry", "serve", state.path("config.yml")], environment: ["OTEL_TRACES_EXPORTER": "none"])
        self.process = process
        try eventually("docker-registry on port \(port)") {
            guard process.isRunning else { throw TestFailure("docker-registry has ended: \(process.errorsSoFar)") }
            return LoopbackPort.answers(port)
        }
    }

    private static func store(_ blobs: [[UInt8]], _ manifest: [UInt8], in state: TemporaryDirectory) throws {
        let root = state.path("data/docker/registry/v2")
        func put(_ bytes: [UInt8], _ place: String) throws {
            let folder = place.prefix(upTo: place.lastIndex(of: "/") ?? place.endIndex)
            try runToSuccess(["mkdir", "-p", "\(root)/\(folder)"])
            try write(bytes, to: "\(root)/\(place)")
        }
        let repository = "repositories/team/app"
        for blob in blobs + [manifest] {
            let digest = Digest(.sha256, of: blob)
            try put(blob, "blobs/sha256/\(digest.hex.prefix(2))/\(digest.hex)/data")
            let link = Array(digest.description.utf8)
            if blob != manifest {
                try put(link, "\(repository)/_layers/sha256/\(digest.hex)/link")
                continue
            }
            try put(link, "\(repository)/_manifests/revisions/sha256/\(digest.hex)/link")
            try put(link, "\(repository)/_manifests/tags/v1/current/link")
            try put(link, "\(repository)/_manifests/tags/v1/index/sha256/\(digest.hex)/link")
        }
    }
}

extension Digest {
    init(_ algorithm: Algorithm, of bytes: [UInt8]) { self = bytes.withUnsafeBytes { Digest(algorithm, of: $0) } }
}
