// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import Primitives

/// A registry with one repository, `team/app`, in front of a scripted server.
final class MockRegistry: Sendable {
    /// How it lets clients in.
    enum Access: Sendable {
        case anonymous
        case basic
        /// Tokens are good for this many requests.
        case bearer(uses: Int)
    }

    let server: ScriptedServer
    private let blobs: [String: [UInt8]]

    /// - Parameters:
    ///   - blobs: Contents, served by their digests.
    ///   - manifests: Documents, served by tag and by digest.
    ///   - forged: Contents, served by digests that they do not have.
    init(
        _ access: Access = .anonymous, blobs: [[UInt8]] = [], manifests: [String: [UInt8]] = [:],
        forged: [String: [UInt8]] = [:], tokenFailures: Int = 0
    ) throws {
        let blobs = forged.merging(blobs.map { (Self.digest($0), $0) }) { $1 }
        self.blobs = blobs
        var documents = manifests
        for document in manifests.values { documents[Self.digest(document)] = document }
        let all = documents
        let door = Door(access, tokenFailures: tokenFailures)
        server = try ScriptedServer { request, connection in
            if request.target.hasPrefix("/token") { return door.giveToken(request, connection) }
            guard door.lets(request, connection) else { return }
            let parts = request.target.split(separator: "/").map(String.init)
            guard parts.count == 5, parts[0] == "v2", parts[1...2] == ["team", "app"] else {
                return connection.answer(404)
            }
            if parts[3] == "blobs", let blob = blobs[parts[4]] {
                return connection.serve(blob, request, tag: "\"\(parts[4])\"")
            }
            let accepts = request.fields["accept"] != nil
            guard parts[3] == "manifests", accepts, let document = all[parts[4]] else { return connection.answer(404) }
            connection.answer(200, ["Docker-Content-Digest": Self.digest(document)], document)
        }
        door.realm.withLock { $0 = server.url + "token" }
    }

    static func digest(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes { Digest(.sha256, of: $0) }.description }

    var reference: String { "oci://127.0.0.1:\(server.port)/team/app" }

    /// The targets of all requests.
    var targets: [String] { server.requests.map(\.target) }
}

/// Checks credentials; the user is `alice`, the password `secret`.
private final class Door: Sendable {
    private struct State {
        var usesLeft = 0
        var issued = 0
        var failuresLeft: Int
    }

    let realm = Locked("")
    private let access: MockRegistry.Access
    private let state: Locked<State>
    private let password = "Basic YWxpY2U6c2VjcmV0"

    init(_ access: MockRegistry.Access, tokenFailures: Int) {
        self.access = access
        state = Locked(State(failuresLeft: tokenFailures))
    }

    /// Whether the request may pass; else it has been answered.
    func lets(_ request: ServerRequest, _ connection: ServerConnection) -> Bool {
        let sent = request.fields["authorization"]
        switch access {
        case .anonymous: return true
        case .basic:
            if sent == password { return true }
            connection.answer(401, ["WWW-Authenticate": "Basic realm=\"basic, realm\""])
        case .bearer:
            let isGood = state.withLock { state in
                guard sent == "Bearer token-\(state.issued)", state.usesLeft > 0 else { return false }
                state.usesLeft -= 1
                return true
            }
            if isGood { return true }
            let scope = "repository:team/app:pull"
            let challenge = "Bearer realm=\"\(realm.withLock { $0 })\",service=\"svc\",scope=\"\(scope)\""
            connection.answer(401, ["WWW-Authenticate": challenge])
        }
        return false
    }

    func giveToken(_ request: ServerRequest, _ connection: ServerConnection) {
        guard case .bearer(let uses) = access else { return connection.answer(404) }
        let mustFail = state.withLock { state in
            state.failuresLeft -= 1
            return state.failuresLeft >= 0
        }
        if mustFail { return connection.answer(500) }
        let exchanged = request.method == "POST" && request.body.contains("refresh_token=identity%21")
        guard request.fields["authorization"] == password || exchanged else { return connection.answer(401) }
        let number = state.withLock { state in
            state.issued += 1
            state.usesLeft = uses
            return state.issued
        }
        connection.answer(200, [:], Array("{\"token\":\"token-\(number)\",\"expires_in\":300}".utf8))
    }
}
