// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Digests
import RemoteSources
import TestSupport
import Testing

/// The same sources against the servers that people run.
@Suite(.serialized) struct RealServerTests {
    private let blob = pattern(200_000)

    private func settings(authority: String? = nil) -> RemoteSettings {
        var settings = RemoteSettings()
        settings.transfer.transport.proxy = .none
        settings.transfer.transport.certificateAuthorities = authority
        settings.registry.authFile = "/nonexistent"
        return settings
    }

    private func registry(
        _ certificates: TestCertificates? = nil, wantsPassword: Bool = false, tokens: TokenService? = nil
    ) throws -> ImageRegistry {
        let directory = try TemporaryDirectory()
        try write(blob, to: directory.path("blob"))
        let layer = ImageRegistry.Layer(directory.path("blob"), "application/vnd.erofs.layer.v1")
        return try ImageRegistry([layer], wantsPassword: wantsPassword, certificates: certificates, tokens: tokens)
    }

    @Test(.requires(.tool("docker-registry"))) func plainRegistry() throws {
        let registry = try registry()
        let image = try RegistryImage.resolve("oci://127.0.0.1:\(registry.port)/team/app:v1", settings: settings())
        #expect(image.digest.description == registry.digest)
        guard case .blob(let name, let size) = image.content else {
            Issue.record("no blob")
            return
        }
        #expect(size == 200_000)
        let source = try image.remote.source(for: name)
        let identity = try source.identity()
        #expect(identity.size == 200_000)
        #expect(try source.bytes(199_990..<200_000, of: identity) == Array(blob[199_990...]))
        let missing = try image.remote.source(for: String(repeating: "0", count: 64))
        let error = #expect(throws: FetchError.self) { try missing.identity() }
        #expect(error?.kind == "notFound")
    }

    @Test(.requires(.tool("docker-registry"), .tool("openssl"))) func registryWithPasswordOverTLS() throws {
        let directory = try TemporaryDirectory()
        let certificates = try TestCertificates(in: directory)
        let registry = try registry(certificates, wantsPassword: true)
        let reference = "oci://localhost:\(registry.port)/team/app:v1"
        var own = settings(authority: certificates.authority)
        let refused = #expect(throws: FetchError.self) { try RegistryImage.resolve(reference, settings: own) }
        #expect(refused?.kind == "denied")
        let file = directory.path("config.json")
        try write(#"{"auths":{"localhost:\#(registry.port)":{"auth":"YWxpY2U6c2VjcmV0"}}}"#, to: file)
        own.registry.authFile = file
        let image = try RegistryImage.resolve(reference, settings: own)
        let source = try image.remote.source(for: MockRegistry.digest(blob))
        let identity = try source.identity()
        #expect(try source.bytes(0..<200_000, of: identity) == blob)
        let strangers = try TemporaryDirectory()
        own.transfer.transport.certificateAuthorities = try TestCertificates(in: strangers).authority
        let untrusted = #expect(throws: FetchError.self) { try RegistryImage.resolve(reference, settings: own) }
        #expect(untrusted?.kind == "denied")
    }

    @Test(.requires(.tool("docker-registry"), .tool("openssl"), .tool("nginx"))) func registryWithTokens() throws {
        let tokens = try TokenService()
        let registry = try registry(tokens: tokens)
        let reference = "oci://127.0.0.1:\(registry.port)/team/app:v1"
        var own = settings()
        let stranger = #expect(throws: FetchError.self) { try RegistryImage.resolve(reference, settings: own) }
        #expect(stranger?.kind == "denied")
        own.credentials = RemoteSettings.Credentials(user: "alice", password: "wrong")
        let refused = #expect(throws: FetchError.self) { try RegistryImage.resolve(reference, settings: own) }
        #expect(refused?.kind == "denied")
        own.credentials = RemoteSettings.Credentials(user: "alice", password: "secret")
        let image = try RegistryImage.resolve(reference, settings: own)
        let source = try image.remote.source(for: MockRegistry.digest(blob))
        #expect(try source.bytes(1000..<150_000, of: try source.identity()) == Array(blob[1000..<150_000]))
        let scope = "/token?service=test-registry&scope=repository%3Ateam%2Fapp%3Apull"
        let asked = try tokens.server.requests()
        #expect(!asked.isEmpty)
        #expect(asked.allSatisfy { $0.path == scope })
    }

    @Test(.requires(.tool("nginx"), .tool("openssl"))) func webServerWithRedirectsLimitsAndTLS() throws {
        let directory = try TemporaryDirectory()
        let certificates = try TestCertificates(in: directory)
        try write(blob, to: directory.path("blob"))
        let (front, store, busy) = (
            try LoopbackPort.unused(), try LoopbackPort.unused(), try LoopbackPort.unused()
        )
        let http = """
            log_format who '$server_port $status "$http_authorization"';
            access_log \(directory.path("access.log")) who;
            limit_req_zone $server_port zone=z:64k rate=50r/s;
            server { listen 127.0.0.1:\(store) ssl http2; root \(directory.path);
                ssl_certificate \(certificates.certificate); ssl_certificate_key \(certificates.key);
                if ($http_authorization) { return 400; }
                location /zipped/ { alias \(directory.path)/; gzip on; gzip_types *; gzip_min_length 1; } }
            server { listen 127.0.0.1:\(busy); limit_req zone=z; limit_req_status 503; root \(directory.path); }
            server { listen 127.0.0.1:\(front); limit_req zone=z; limit_req_status 429; root \(directory.path);
                location /moved/ { return 307 https://localhost:\(store)/; }
                location /moved/blob { return 307 https://localhost:\(store)/blob; } }
            """
        let nginx = try RunningProcess(try command(http, directory))
        try eventually("nginx") {
            guard nginx.isRunning else { throw TestFailure("nginx has ended: \(nginx.errorsSoFar)") }
            return LoopbackPort.answers(front) && LoopbackPort.answers(store)
        }
        var own = settings(authority: certificates.authority)
        own.credentials = RemoteSettings.Credentials(user: "alice", password: "secret")
        own.transfer.retry.attempts = 20
        for prefix in ["\(front)/moved", "\(front)", "\(busy)"].map({ "http://127.0.0.1:\($0)" }) {
            let source = try RemoteLocation.remote(prefix, settings: own).source(for: "blob")
            let identity = try source.identity()
            for start in stride(from: UInt64(0), to: 200_000, by: 20_000) {
                let bytes = try source.bytes(start..<start + 20_000, of: identity)
                #expect(bytes == Array(blob[Int(start)..<Int(start) + 20_000]))
            }
        }
        // nginx tells what came with each request: the password went to the hosts that it is for, and to no other.
        let log = String(decoding: try bytes(ofFile: directory.path("access.log")), as: UTF8.self)
        let lines = log.split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("\(store) 206") })
        #expect(lines.filter { $0.hasPrefix("\(store) ") }.allSatisfy { $0.hasSuffix("\"-\"") })
        #expect(lines.filter { !$0.hasPrefix("\(store) ") }.allSatisfy { $0.hasSuffix("\"Basic YWxpY2U6c2VjcmV0\"") })
        #expect(lines.contains { $0.hasPrefix("\(front) 429") } && lines.contains { $0.hasPrefix("\(busy) 503") })
        own.credentials = nil
        let zipped = try RemoteLocation.remote("https://localhost:\(store)/zipped", settings: own).source(for: "blob")
        #expect(try zipped.bytes(5..<500, of: BlobIdentity(size: 200_000)) == Array(blob[5..<500]))
    }

    private func command(_ http: String, _ directory: TemporaryDirectory) throws -> [String] {
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
            "\($0)_temp_path \(directory.path("temporary"));"
        }.joined(separator: " ")
        let text = """
            daemon off; worker_processes 1; pid \(directory.path("pid")); error_log stderr;
            \(Requirement.root.lack == nil ? "user root;" : "")
            events {}
            http { types {} default_type application/octet-stream; \(temporary)
            \(http)
            }
            """
        try write(text, to: directory.path("nginx.conf"))
        return ["nginx", "-p", directory.path, "-c", directory.path("nginx.conf"), "-e", "stderr"]
    }
}
