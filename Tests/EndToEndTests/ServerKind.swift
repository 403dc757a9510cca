// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

/// The kinds of server that blobs come from.
enum ServerKind: String, CaseIterable, Sendable {
    case registry
    case registryWithPasswordOverTLS
    case registryWithTokens
    case web
    case webOverTLS
    /// Every file lies on another host, over TLS.
    case redirectingWeb
    /// Most requests are told to come again (429).
    case limitedWeb
    /// Most requests fail for the moment (503).
    case failingWeb
    case objectStore

    /// Whether requests succeed only when they are made again and again.
    var isReluctant: Bool { self == .limitedWeb || self == .failingWeb }
}

/// A chunked image whose data lies in one blob on one kind of server, with what a mount of it has to be told.
///
/// All but the plain registry want credentials.
final class ServedImage {
    /// The IMAGE argument: a bootstrap beside the test, or a tag of the registry.
    private(set) var image: String
    /// The options of the remote.
    private(set) var options: [String] = []
    private(set) var environment: [String: String]
    /// What nobody else may see.
    private(set) var secrets = ["secret", ServedImage.authorization, ObjectStoreServer.secretKey]

    private static let authorization = "YWxpY2U6c2VjcmV0"
    private let kind: ServerKind
    private let directory: TemporaryDirectory
    private let blob: String
    private var registry: ImageRegistry?
    private var webs: [NginxServer] = []
    private var store: ObjectStoreServer?
    private var tokens: TokenService?

    /// Makes an image of `tree` in a directory of its own, and starts the server.
    init(of tree: String, on kind: ServerKind) throws {
        self.kind = kind
        directory = try TemporaryDirectory()
        let made = try ErofsImage.make(
            "image", from: tree, in: directory, options: ["--chunksize=65536"], blob: true)
        image = made.path
        blob = directory.path("www/image.blob")
        environment = [
            "HOME": directory.path, "XDG_RUNTIME_DIR": "", "XDG_CONFIG_HOME": "", "REGISTRY_AUTH_FILE": "",
        ]
        _ = try directory.makeDirectory("www")
        try runToSuccess(["mv"] + made.blobs + [blob])
        switch kind {
        case .registry, .registryWithPasswordOverTLS, .registryWithTokens: try startRegistry()
        case .objectStore: try startStore()
        default: try startWeb()
        }
    }

    /// Stops the server that has the blob.
    func stop() {
        registry?.stop()
        for web in webs { web.stop() }
        store?.stop()
    }

    /// Checks what the servers were asked: the credentials came to those whom they are for, and to no other.
    func checkRequests() throws {
        for (index, web) in webs.enumerated() {
            let requests = try web.requests()
            let wanted = index == 0 ? "Basic \(ServedImage.authorization)" : nil
            #expect(requests.allSatisfy { $0.authorization == wanted })
            let status = [.limitedWeb: 429, .failingWeb: 503, .redirectingWeb: index == 0 ? 307 : 206][kind] ?? 206
            #expect(requests.contains { $0.status == status }, "\(status)")
        }
        if let tokens {
            #expect(try tokens.server.requests().contains { $0.authorization == "Basic \(ServedImage.authorization)" })
        }
    }

    private func certificates() throws -> TestCertificates {
        let certificates = try TestCertificates(in: directory)
        options += ["--ca-file", certificates.authority]
        return certificates
    }

    private func startRegistry() throws {
        if kind == .registryWithTokens { tokens = try TokenService() }
        if let tokens { secrets.append(tokens.token) }
        let layers = [
            ImageRegistry.Layer(image, "application/vnd.erofs.bootstrap.v1"),
            ImageRegistry.Layer(blob, "application/vnd.erofs.blob.v1"),
        ]
        let registry = try ImageRegistry(
            layers, wantsPassword: kind == .registryWithPasswordOverTLS,
            certificates: kind == .registryWithPasswordOverTLS ? try certificates() : nil, tokens: tokens)
        self.registry = registry
        image = "\(registry.repository):v1"
        guard kind != .registry else { return }
        let folder = try directory.makeDirectory(".docker")
        let entry = #""127.0.0.1:\#(registry.port)":{"auth":"\#(ServedImage.authorization)"}"#
        try write(#"{"auths":{\#(entry)}}"#, to: "\(folder)/config.json", mode: 0o600)
    }

    private func startWeb() throws {
        try write(ImageRegistry.user + "\n", to: directory.path("credentials"), mode: 0o600)
        options += ["--credentials-file", directory.path("credentials"), "--device", "image.blob"]
        if kind.isReluctant { options += ["--retries", "40"] }
        let folder = directory.path("www")
        let front: NginxServer
        let guarded = #"if ($http_authorization != "Basic \#(ServedImage.authorization)") { return 401; }"#
        switch kind {
        case .redirectingWeb:
            let other = try NginxServer(serving: folder, certificates: try certificates())
            let place = "https://localhost:\(other.port)"
            front = try NginxServer(
                serving: folder, rules: "\(guarded) location / { return 307 \(place)$request_uri; }")
            webs = [front, other]
        case .limitedWeb, .failingWeb:
            let status = kind == .limitedWeb ? 429 : 503
            front = try NginxServer(
                serving: folder, zones: "limit_req_zone $server_port zone=z:64k rate=20r/s;",
                rules: "\(guarded) limit_req zone=z; limit_req_status \(status);")
            webs = [front]
        default:
            front = try NginxServer(
                serving: folder, certificates: kind == .webOverTLS ? try certificates() : nil, rules: guarded)
            webs = [front]
        }
        options += ["--remote", "\(front.url)/"]
    }

    private func startStore() throws {
        let store = try ObjectStoreServer([("layers/image.blob", blob)])
        self.store = store
        options = ["--remote", "s3://bucket/layers", "--s3-endpoint", store.endpoint, "--device", "image.blob"]
        environment["AWS_ACCESS_KEY_ID"] = ObjectStoreServer.accessKey
        environment["AWS_SECRET_ACCESS_KEY"] = ObjectStoreServer.secretKey
        environment["AWS_REGION"] = "us-east-1"
    }
}
