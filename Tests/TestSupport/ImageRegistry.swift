// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Debian's docker-registry on a loopback port, with the image `team/app:v1` made of files.
package final class ImageRegistry {
    /// A layer of the image: a file, and what the manifest says of it.
    package struct Layer {
        package var path: String
        package var mediaType: String
        package var annotations: [String: String]

        package init(_ path: String, _ mediaType: String, annotations: [String: String] = [:]) {
            (self.path, self.mediaType, self.annotations) = (path, mediaType, annotations)
        }
    }

    /// The user and the password that the registry wants, when it wants any.
    package static let user = "alice:secret"

    package let port: UInt16
    /// The manifest's digest.
    package let digest: String
    private let state: TemporaryDirectory
    private var process: RunningProcess?

    /// `oci://HOST:PORT/team/app`.
    package var repository: String { "oci://127.0.0.1:\(port)/team/app" }

    /// Starts it; returns when it accepts connections.
    ///
    /// - Parameters:
    ///   - certificates: for TLS; nil for plain http.
    ///   - tokens: the service whose tokens it wants; nil for none.
    package init(
        _ layers: [Layer], wantsPassword: Bool, certificates: TestCertificates? = nil, tokens: TokenService? = nil
    ) throws {
        state = try TemporaryDirectory()
        port = try LoopbackPort.unused()
        digest = try ImageRegistry.store(layers, in: state)
        let lines = [
            "version: 0.1", "storage: {filesystem: {rootdirectory: \(state.path("data"))}}",
            "http:", "  addr: 127.0.0.1:\(port)",
            certificates.map { "  tls: {certificate: \($0.certificate), key: \($0.key)}" } ?? "",
            tokens?.setting ?? "",
            wantsPassword ? "auth: {htpasswd: {realm: test, path: \(state.path("htpasswd"))}}" : "",
        ]
        try write(lines.joined(separator: "\n") + "\n", to: state.path("config.yml"))
        try write("alice:$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW\n", to: state.path("htpasswd"))
        try start()
    }

    deinit { stop() }

    /// Starts again after a stop, on the same port.
    package func start() throws {
        let process = try RunningProcess(
            ["docker-registry", "serve", state.path("config.yml")], environment: ["OTEL_TRACES_EXPORTER": "none"])
        self.process = process
        try eventually("docker-registry on port \(port)") {
            guard process.isRunning else { throw TestFailure("docker-registry has ended: \(process.errorsSoFar)") }
            return LoopbackPort.answers(port)
        }
    }

    /// Stops at once; connections break.
    package func stop() {
        process?.kill()
        process = nil
    }

    /// Writes the image into the registry's storage, and gives the manifest's digest.
    private static func store(_ layers: [Layer], in state: TemporaryDirectory) throws -> String {
        let root = state.path("data/docker/registry/v2")
        let repository = "\(root)/repositories/team/app"
        var entries: [String] = []
        for layer in layers {
            let digest = try put(layer.path, root)
            try link(digest, "\(repository)/_layers/sha256/\(digest)")
            let size = try runToSuccess(["stat", "-c", "%s", layer.path]).lines[0]
            let notes = layer.annotations.map { "\"\($0.key)\":\"\($0.value)\"" }.joined(separator: ",")
            entries.append(
                #"{"mediaType":"\#(layer.mediaType)","digest":"sha256:\#(digest)","size":\#(size),"#
                    + #""annotations":{\#(notes)}}"#)
        }
        let type = "application/vnd.oci.image.manifest.v1+json"
        let manifest =
            #"{"schemaVersion":2,"mediaType":"\#(type)","config":{},"layers":[\#(entries.joined(separator: ","))]}"#
        try write(manifest, to: state.path("manifest"))
        let digest = try put(state.path("manifest"), root)
        try link(digest, "\(repository)/_manifests/revisions/sha256/\(digest)")
        try link(digest, "\(repository)/_manifests/tags/v1/current")
        try link(digest, "\(repository)/_manifests/tags/v1/index/sha256/\(digest)")
        return "sha256:\(digest)"
    }

    /// Copies a file to where the registry looks for blobs, and gives its digest in hexadecimal digits.
    private static func put(_ path: String, _ root: String) throws -> String {
        let digest = String(try runToSuccess(["sha256sum", path]).output.prefix(64))
        let place = "\(root)/blobs/sha256/\(digest.prefix(2))/\(digest)"
        try runToSuccess(["mkdir", "-p", place])
        try runToSuccess(["cp", path, "\(place)/data"])
        return digest
    }

    private static func link(_ digest: String, _ place: String) throws {
        try runToSuccess(["mkdir", "-p", place])
        try write("sha256:\(digest)", to: "\(place)/link")
    }
}
