// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import RemoteSources
import Testing

/// Redirects followed by hand, against real sockets.
@Suite(.serialized) struct RedirectTests {
    private let blob = pattern(1000)
    private let identity = BlobIdentity(size: 1000)

    private func settings() -> RemoteSettings {
        var settings = quickSettings()
        settings.credentials = RemoteSettings.Credentials(user: "alice", password: "secret")
        return settings
    }

    @Test func credentialsStayWithTheirHost() throws {
        let blob = self.blob
        let store = try ScriptedServer { request, connection in
            request.fields["authorization"] == nil ? connection.serve(blob, request) : connection.answer(400)
        }
        defer { store.stop() }
        let target = store.url + "data?grant=1"
        let front = try ScriptedServer { $1.answer(307, ["Location": target]) }
        defer { front.stop() }
        let source = try RemoteLocation.remote(front.url, settings: settings()).source(for: "b")
        #expect(try source.bytes(0..<10, of: identity) == Array(blob[..<10]))
        #expect(try source.bytes(10..<20, of: identity) == Array(blob[10..<20]))
        #expect(front.requests.count == 1)
        #expect(front.requests.first?.fields["authorization"] == "Basic YWxpY2U6c2VjcmV0")
        #expect(store.requests.map(\.target) == ["/data?grant=1", "/data?grant=1"])
    }

    @Test func expiredAddressIsResolvedOnceMore() throws {
        let blob = self.blob
        let store = try ScriptedServer { request, connection in
            request.target == "/old" && request.range?.lowerBound != 0
                ? connection.answer(403) : connection.serve(blob, request)
        }
        defer { store.stop() }
        let count = Counter()
        let base = store.url
        let front = try ScriptedServer { $1.answer(302, ["Location": base + (count.next() == 1 ? "old" : "new")]) }
        defer { front.stop() }
        let source = try RemoteLocation.remote(front.url, settings: settings()).source(for: "b")
        #expect(try source.bytes(0..<10, of: identity) == Array(blob[..<10]))
        #expect(try source.bytes(10..<20, of: identity) == Array(blob[10..<20]))
        #expect(store.requests.map(\.target) == ["/old", "/old", "/new"])
    }

    @Test func relativeLocationsWork() throws {
        let blob = self.blob
        let server = try ScriptedServer { request, connection in
            switch request.target {
            case "/a/b": connection.answer(301, ["Location": "../c?x=1"])
            case "/c?x=1": connection.answer(308, ["Location": "/d"])
            default: connection.serve(blob, request)
            }
        }
        defer { server.stop() }
        let source = try RemoteLocation.remote(server.url + "a", settings: settings()).source(for: "b")
        #expect(try source.bytes(0..<10, of: identity) == Array(blob[..<10]))
        #expect(server.requests.map(\.target) == ["/a/b", "/c?x=1", "/d"])
    }

    @Test(arguments: ["/b", "ftp://127.0.0.1/b", "file:///etc/passwd", "javascript:alert(1)", ""])
    func badRedirectsAreErrors(location: String) throws {
        let server = try ScriptedServer { $1.answer(302, ["Location": location]) }
        defer { server.stop() }
        let source = try RemoteLocation.remote(server.url, settings: settings()).source(for: "b")
        #expect(throws: FetchError.self) { try source.bytes(0..<10, of: identity) }
    }

    @Test func endlessRedirectsAreCutOff() throws {
        let count = Counter()
        let server = try ScriptedServer { $1.answer(302, ["Location": "/\(count.next())"]) }
        defer { server.stop() }
        let source = try RemoteLocation.remote(server.url, settings: settings()).source(for: "b")
        #expect(throws: FetchError.self) { try source.bytes(0..<10, of: identity) }
        #expect(count.value == 9)
    }
}
