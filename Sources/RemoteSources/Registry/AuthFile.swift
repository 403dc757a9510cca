// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials

/// A file of credentials as container tools write it: `auths`, `credHelpers` and `credsStore`.
struct AuthFile: Decodable {
    /// What is filed under one registry.
    struct Entry: Decodable {
        var auth: String?
        var username: String?
        var password: String?
        var identitytoken: String?
        var registrytoken: String?
    }

    /// What a file says about a registry.
    enum Finding: Equatable {
        case secret(RegistryCredential.Secret)
        /// Ask the program `docker-credential-NAME` about a key.
        case helper(String, key: String)
    }

    /// Entries by registry.
    var auths: [String: Entry]?
    /// Names of helpers by registry.
    var credHelpers: [String: String]?
    /// The helper of all other registries.
    var credsStore: String?

    /// Reads a file's bytes; the oldest form has no `auths` around its entries.
    init(_ bytes: [UInt8]) throws {
        let data = Data(bytes)
        if let file = try? JSONDecoder().decode(AuthFileForm.self, from: data), file.hasAny {
            (auths, credHelpers, credsStore) = (file.auths, file.credHelpers, file.credsStore)
        } else {
            auths = try JSONDecoder().decode([String: Entry].self, from: data)
        }
    }

    /// What the file says about a repository of a registry, `host[:port]`.
    func finding(registry: String, repository: String) -> Finding? {
        let hubKey = "https://index.docker.io/v1/"
        if let helper = credHelpers?[registry] { return .helper(helper, key: registry) }
        if let secret = entry(registry: registry, repository: repository)?.secret { return .secret(secret) }
        if let store = credsStore, !store.isEmpty {
            return .helper(store, key: registry == "docker.io" ? hubKey : registry)
        }
        return nil
    }

    /// The entry with the longest key that leads to the repository.
    private func entry(registry: String, repository: String) -> Entry? {
        guard let auths else { return nil }
        var key = "\(registry)/\(repository)"
        while true {
            if let entry = auths[key] { return entry }
            guard let slash = key.lastIndex(of: "/") else { break }
            key = String(key[..<slash])
        }
        let aliases = registry == "docker.io" ? ["docker.io", "index.docker.io", "registry-1.docker.io"] : [registry]
        return auths.sorted { $0.key < $1.key }.first { aliases.contains(Self.host($0.key)) }?.value
    }

    /// A key without scheme and API version, which Docker's own files have.
    private static func host(_ key: String) -> String {
        var rest = key[...]
        for scheme in ["https://", "http://"] where rest.hasPrefix(scheme) { rest = rest.dropFirst(scheme.count) }
        while rest.hasSuffix("/") { rest = rest.dropLast() }
        for version in ["/v1", "/v2"] where rest.hasSuffix(version) { rest = rest.dropLast(version.count) }
        return rest.lowercased()
    }
}

/// The newer form of the file.
private struct AuthFileForm: Decodable {
    /// Entries by registry.
    var auths: [String: AuthFile.Entry]?
    /// Names of helpers by registry.
    var credHelpers: [String: String]?
    /// The helper of all other registries.
    var credsStore: String?

    /// Whether the document has any of its members.
    var hasAny: Bool { auths != nil || credHelpers != nil || credsStore != nil }
}

extension AuthFile.Entry {
    /// The secret of the entry; nil when it is empty, as it is when a helper keeps the secret.
    fileprivate var secret: RegistryCredential.Secret? {
        if let registrytoken, !registrytoken.isEmpty { return .registryToken(registrytoken) }
        if let identitytoken, !identitytoken.isEmpty { return .identityToken(identitytoken) }
        if let username, !username.isEmpty { return .password(user: username, password: password ?? "") }
        guard let auth, let bytes = Base64.bytes(of: auth) else { return nil }
        let text = String(decoding: bytes.filter { $0 != 0 && $0 != 10 && $0 != 13 }, as: UTF8.self)
        guard let colon = text.firstIndex(of: ":") else { return nil }
        return .password(user: String(text[..<colon]), password: String(text[text.index(after: colon)...]))
    }
}
