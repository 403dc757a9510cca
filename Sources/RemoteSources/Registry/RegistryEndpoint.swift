// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Where a repository's requests go: one registry or mirror.
struct RegistryEndpoint: Sendable, Hashable {
    /// Where requests go.
    let origin: HTTPURL.Origin
    /// The repository's name there.
    let repository: String
    /// What credentials are filed under: `host[:port]` as containers' tools write it.
    let credentialKey: String

    /// The endpoint of a reference's own registry.
    init?(_ reference: ImageReference, settings: RemoteSettings) {
        let hub = reference.registry == "docker.io"
        self.init(
            authority: hub ? "registry-1.docker.io" : reference.registry, repository: reference.repository,
            credentialKey: reference.registry, settings: settings)
    }

    /// The endpoint of a mirror, `host[:port][/prefix]`, for a reference.
    init?(mirror: String, of reference: ImageReference, settings: RemoteSettings) {
        let parts = mirror.split(separator: "/", maxSplits: 1)
        guard let authority = parts.first else { return nil }
        let prefix = parts.count > 1 ? "\(parts[1])/" : ""
        self.init(
            authority: String(authority), repository: prefix + reference.repository, credentialKey: String(authority),
            settings: settings)
    }

    private init?(authority: String, repository: String, credentialKey: String, settings: RemoteSettings) {
        guard let probe = Authority(authority, scheme: .https) else { return nil }
        let transport = settings.transfer.transport
        let expectsTLS = transport.certificateAuthorities != nil || transport.skipsVerification
        let plain = settings.registry.plainHTTP || (Self.isLoopback(probe.origin.host) && !expectsTLS)
        guard let named = Authority(authority, scheme: plain ? .http : .https) else { return nil }
        origin = named.origin
        self.repository = repository
        self.credentialKey = credentialKey
    }

    /// The address of something below the repository.
    func url(_ kind: String, _ name: String) -> HTTPURL {
        HTTPURL(origin: origin, path: "/v2/\(repository)/\(kind)/\(name)", query: nil)
    }

    /// Whether a host is this machine, which container tools speak to without TLS.
    static func isLoopback(_ host: String) -> Bool { host == "localhost" || host == "[::1]" || host.hasPrefix("127.") }
}
