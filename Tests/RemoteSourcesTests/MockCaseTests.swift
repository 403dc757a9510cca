// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Primitives
import RemoteSources
import Testing

/// Habits of servers that no other suite here is about.
@Suite(.serialized) struct MockCaseTests {
    private let blob = pattern(10_000)
    private let identity = BlobIdentity(size: 10_000, validator: "\"v1\"")

    @Test func aResetInTheMiddleOfABodyIsResumed() throws {
        let blob = self.blob
        let count = Counter()
        let server = try ScriptedServer { request, connection in
            guard count.next() == 1, let range = request.range else { return connection.serve(blob, request) }
            let head = "Content-Range: bytes \(range.lowerBound)-\(range.upperBound - 1)/10000\r\nETag: \"v1\"\r\n"
            connection.send(Array("HTTP/1.1 206 P\r\n\(head)Content-Length: \(range.count)\r\n\r\n".utf8))
            connection.send(Array(blob[range.prefix(700)]))
            connection.reset()
        }
        defer { server.stop() }
        let source = try RemoteLocation.remote(server.url, settings: quickSettings()).source(for: "blob")
        #expect(try source.bytes(1000..<9000, of: identity) == Array(blob[1000..<9000]))
        #expect(server.requests.count == 2)
    }

    @Test func afterAStallTheNextReadOfTheSameBlobSucceeds() throws {
        let blob = self.blob
        let holder = Locked<ScriptedServer?>(nil)
        let isStalling = Locked(true)
        let server = try ScriptedServer { request, connection in
            guard isStalling.withLock({ $0 }) else { return connection.serve(blob, request) }
            connection.send(
                Array("HTTP/1.1 206 P\r\nContent-Range: bytes 0-99/10000\r\nContent-Length: 100\r\n\r\n".utf8))
            holder.withLock { $0 }?.stall()
        }
        holder.withLock { $0 = server }
        defer { server.stop() }
        var hasty = quickSettings()
        hasty.transfer.transport.stallTimeout = 100
        hasty.transfer.retry.attempts = 2
        let source = try RemoteLocation.remote(server.url, settings: hasty).source(for: "blob")
        let error = #expect(throws: FetchError.self) { try source.bytes(0..<100, of: identity) }
        #expect(error?.kind == "timeout")
        isStalling.withLock { $0 = false }
        #expect(try source.bytes(0..<100, of: identity) == Array(blob[..<100]))
    }

    /// Some hosts answer HEAD with 403 or 405, and signed addresses are good for one method only.
    @Test func nothingDependsOnHead() throws {
        let blob = self.blob
        let server = try ScriptedServer { request, connection in
            request.method == "GET" ? connection.serve(blob, request) : connection.answer(405)
        }
        defer { server.stop() }
        let source = try RemoteLocation.remote(server.url, settings: quickSettings()).source(for: "blob")
        let identity = try source.identity()
        #expect(identity.size == 10_000)
        #expect(try source.bytes(5..<10, of: identity) == Array(blob[5..<10]))
        #expect(server.requests.allSatisfy { $0.method == "GET" })
    }

    @Test func anIdentityTokenThatMayNotBePostedIsAnErrorAndNoHang() throws {
        let registry = try ScriptedServer { request, connection in
            if request.method == "POST" { return connection.answer(405) }
            let realm = "http://127.0.0.1:\(request.fields["host"]?.split(separator: ":").last ?? "")/token"
            connection.answer(401, ["WWW-Authenticate": "Bearer realm=\"\(realm)\",service=\"svc\""])
        }
        defer { registry.stop() }
        var settings = quickSettings()
        settings.registry.authFile = "/nonexistent"
        settings.credentials = RemoteSettings.Credentials(user: "<token>", password: "identity!")
        let digest = "sha256:" + String(repeating: "0", count: 64)
        let source = try RemoteLocation.remote("oci://127.0.0.1:\(registry.port)/a/b", settings: settings)
            .source(for: digest)
        let error = #expect(throws: FetchError.self) { try source.identity() }
        #expect(error?.description.contains("identity!") == false)
    }

    @Test func aTokenOfOneSecondIsGotAnewAsOftenAsNeeded() throws {
        let blob = self.blob
        let issued = Counter()
        let uses = Counter()
        let server = try ScriptedServer { request, connection in
            let base = "http://127.0.0.1:\(request.fields["host"]?.split(separator: ":").last ?? "")"
            if request.target.hasPrefix("/token") {
                let text = "{\"token\":\"t\(issued.next())\",\"expires_in\":1}"
                return connection.answer(200, [:], Array(text.utf8))
            }
            // Every second use of a token finds it expired, as with a clock that runs ahead.
            guard request.fields["authorization"] == "Bearer t\(issued.value)", uses.next() % 2 == 1 else {
                let challenge = "Bearer realm=\"\(base)/token\",service=\"s\",error=\"invalid_token\""
                return connection.answer(401, ["WWW-Authenticate": challenge])
            }
            connection.serve(blob, request)
        }
        defer { server.stop() }
        var settings = quickSettings()
        settings.registry.authFile = "/nonexistent"
        let digest = MockRegistry.digest(blob)
        let source = try RemoteLocation.remote("oci://127.0.0.1:\(server.port)/a/b", settings: settings)
            .source(for: digest)
        for start in stride(from: UInt64(0), to: 500, by: 100) {
            #expect(
                try source.bytes(start..<start + 100, of: BlobIdentity(size: 10_000, validator: digest))
                    == Array(blob[Int(start)..<Int(start) + 100]))
        }
        #expect(issued.value >= 3)
    }

    @Test func aManifestsSizeSavesTheQuestionAndIsHeldTo() throws {
        let blob = self.blob
        let digest = MockRegistry.digest(blob)
        func image(_ size: Int) -> [UInt8] {
            let layer = #"{"mediaType":"application/vnd.erofs.layer.v1","digest":"\#(digest)","size":\#(size)}"#
            return Array(#"{"schemaVersion":2,"layers":[\#(layer)]}"#.utf8)
        }
        let registry = try MockRegistry(blobs: [blob], manifests: ["v1": image(10_000), "lies": image(9_000)])
        defer { registry.server.stop() }
        var settings = quickSettings()
        settings.registry.authFile = "/nonexistent"
        let good = try RegistryImage.resolve("\(registry.reference):v1", settings: settings)
        let before = registry.targets.count
        let source = try good.remote.source(for: digest)
        let identity = try source.identity()
        #expect(identity == BlobIdentity(size: 10_000, validator: digest))
        #expect(registry.targets.count == before)
        #expect(try source.bytes(7..<70, of: identity) == Array(blob[7..<70]))
        let lying = try RegistryImage.resolve("\(registry.reference):lies", settings: settings).remote
        let short = try lying.source(for: digest)
        let wrong = try short.identity()
        let error = #expect(throws: FetchError.self) { try short.bytes(7..<70, of: wrong) }
        #expect(error?.kind == "changed")
    }

    @Test func aRateHoldsNothingBackForEver() throws {
        let blob = self.blob
        let server = try ScriptedServer { $1.serve(blob, $0) }
        defer { server.stop() }
        var settings = quickSettings()
        settings.transfer.rate = FetchRate(bytesPerSecond: 100_000)
        let source = try RemoteLocation.remote(server.url, settings: settings).source(for: "blob")
        for start in stride(from: UInt64(0), to: 10_000, by: 2500) {
            #expect(
                try source.bytes(start..<start + 2500, of: identity) == Array(blob[Int(start)..<Int(start) + 2500]))
        }
        #expect(server.requests.count == 4)
    }
}
