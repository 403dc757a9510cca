// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Digests
import Foundation
import RemoteSources
import Testing

/// Registry sources against a registry of our own.
@Suite(.serialized) struct RegistryTests {
    private let blob = pattern(5000)
    private var identity: BlobIdentity { BlobIdentity(size: 5000, validator: MockRegistry.digest(blob)) }

    private func settings(authFile: String? = nil) -> RemoteSettings {
        var settings = quickSettings()
        settings.registry.authFile = authFile ?? "/nonexistent"
        return settings
    }

    private func withAlice() -> RemoteSettings {
        var settings = settings()
        settings.credentials = RemoteSettings.Credentials(user: "alice", password: "secret")
        return settings
    }

    private func source(_ registry: MockRegistry, _ settings: RemoteSettings) throws -> any BlobSource {
        try RemoteLocation.remote(registry.reference, settings: settings).source(for: MockRegistry.digest(blob))
    }

    @Test func anonymousBlobByDigest() throws {
        let registry = try MockRegistry(blobs: [blob])
        defer { registry.server.stop() }
        let source = try source(registry, settings())
        #expect(try source.identity() == identity)
        #expect(try source.bytes(4000..<5000, of: identity) == Array(blob[4000...]))
        #expect(registry.targets.first == "/v2/team/app/blobs/\(MockRegistry.digest(blob))")
    }

    @Test func bareDigestsAreTakenAndOtherNamesAreNot() throws {
        let registry = try MockRegistry(blobs: [blob])
        defer { registry.server.stop() }
        let remote = try RemoteLocation.remote(registry.reference, settings: settings())
        let bare = String(MockRegistry.digest(blob).dropFirst("sha256:".count))
        #expect(try remote.source(for: bare).bytes(0..<9, of: identity) == Array(blob[..<9]))
        #expect(throws: FetchError.self) { try remote.source(for: "../../etc/passwd") }
        let missing = try remote.source(for: "sha256:" + String(repeating: "0", count: 64))
        let error = #expect(throws: FetchError.self) { try missing.identity() }
        #expect(error?.kind == "notFound")
    }

    @Test func passwordIsSentAfterTheChallenge() throws {
        let registry = try MockRegistry(.basic, blobs: [blob])
        defer { registry.server.stop() }
        let source = try source(registry, withAlice())
        #expect(try source.bytes(0..<10, of: identity) == Array(blob[..<10]))
        #expect(try source.bytes(10..<20, of: identity) == Array(blob[10..<20]))
        #expect(registry.server.requests.map { $0.fields["authorization"] != nil } == [false, true, true])
    }

    @Test func wrongOrMissingPasswordIsAPromptError() throws {
        let registry = try MockRegistry(.basic, blobs: [blob])
        defer { registry.server.stop() }
        var wrong = settings()
        wrong.credentials = RemoteSettings.Credentials(user: "alice", password: "hunter2")
        let refused = #expect(throws: FetchError.self) { try source(registry, wrong).identity() }
        #expect(refused?.kind == "denied")
        #expect(refused?.description.contains("hunter2") == false)
        let missing = #expect(throws: FetchError.self) { try source(registry, settings()).identity() }
        #expect(missing?.kind == "denied")
    }

    @Test func tokensAreFetchedAndReplaced() throws {
        let registry = try MockRegistry(.bearer(uses: 2), blobs: [blob], tokenFailures: 1)
        defer { registry.server.stop() }
        let source = try source(registry, withAlice())
        for start in stride(from: UInt64(0), to: 50, by: 10) {
            #expect(try source.bytes(start..<start + 10, of: identity) == Array(blob[Int(start)..<Int(start) + 10]))
        }
        let asked = registry.server.requests.filter { $0.target.hasPrefix("/token") }
        #expect(asked.first?.target == "/token?service=svc&scope=repository%3Ateam%2Fapp%3Apull")
        #expect(asked.count == 4)
    }

    @Test func credentialsComeFromAFile() throws {
        let registry = try MockRegistry(.basic, blobs: [blob])
        defer { registry.server.stop() }
        let host = "127.0.0.1:\(registry.server.port)"
        try withFile(#"{"auths":{"http://\#(host)/v2/":{"auth":"YWxpY2U6c2VjcmV0"}}}"#) { path in
            let bytes = try source(registry, settings(authFile: path)).bytes(0..<3, of: identity)
            #expect(bytes == Array(blob[..<3]))
        }
        try withFile(#"{"auths":{"\#(host)/team":{"username":"alice","password":"nothing"}}}"#) { path in
            let error = #expect(throws: FetchError.self) {
                try source(registry, settings(authFile: path)).bytes(0..<3, of: identity)
            }
            #expect(error?.description.contains(path) == true)
        }
    }

    @Test func identityTokensAreExchanged() throws {
        let registry = try MockRegistry(.bearer(uses: 9), blobs: [blob])
        defer { registry.server.stop() }
        let host = "127.0.0.1:\(registry.server.port)"
        try withFile(#"{"auths":{"\#(host)":{"identitytoken":"identity!"}}}"#) { path in
            let bytes = try source(registry, settings(authFile: path)).bytes(0..<3, of: identity)
            #expect(bytes == Array(blob[..<3]))
        }
        #expect(
            registry.server.requests.contains { $0.method == "POST" && $0.body.contains("grant_type=refresh_token") })
    }

    @Test func helpersAreAsked() throws {
        let registry = try MockRegistry(.basic, blobs: [blob])
        defer { registry.server.stop() }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let helper = folder.appendingPathComponent("docker-credential-testing").path
        let script = """
            #!/bin/sh
            read host
            [ "$1" = get ] && [ "$host" = "127.0.0.1:\(registry.server.port)" ] || exit 1
            echo '{"ServerURL":"x","Username":"alice","Secret":"secret"}'
            """
        try Data(script.utf8).write(to: URL(fileURLWithPath: helper))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: helper)
        try withFile(#"{"credHelpers":{"127.0.0.1:\#(registry.server.port)":"\#(helper.dropFirst(1))"}}"#) { path in
            #expect(throws: FetchError.self) { try source(registry, settings(authFile: path)).identity() }
        }
        var own = settings()
        own.environment["PATH"] = "\(folder.path):/usr/bin:/bin"
        try withFile(#"{"credHelpers":{"127.0.0.1:\#(registry.server.port)":"testing"}}"#) { path in
            own.registry.authFile = path
            let bytes = try source(registry, own).bytes(0..<3, of: identity)
            #expect(bytes == Array(blob[..<3]))
        }
    }

    @Test func mirrorsComeFirstAndAreForgotten() throws {
        let mirror = try MockRegistry()
        defer { mirror.server.stop() }
        let registry = try MockRegistry(blobs: [blob])
        defer { registry.server.stop() }
        var own = settings()
        own.registry.mirrors = ["127.0.0.1:\(mirror.server.port)"]
        let source = try source(registry, own)
        #expect(try source.identity() == identity)
        #expect(try source.bytes(0..<10, of: identity) == Array(blob[..<10]))
        #expect(mirror.targets.count == 1)
        #expect(registry.targets.count == 2)
    }

    private func withFile(_ text: String, _ body: (String) throws -> Void) throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("auth-\(UUID().uuidString).json")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try body(file.path)
    }
}
