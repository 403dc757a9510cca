// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Looks for a registry's credentials where the container tools keep them.
struct CredentialSearch: Sendable {
    /// What the user gave, and the environment.
    let settings: RemoteSettings

    /// The first credential found, in the tools' usual order.
    ///
    /// Reads files and may run a helper, so it blocks; not to be called on the engine's thread.
    func credential(for endpoint: RegistryEndpoint) -> RegistryCredential? {
        if let given = settings.credentials {
            return RegistryCredential(
                secret: .password(user: given.user, password: given.password), origin: "the options given")
        }
        if let token = settings.bearerToken {
            return RegistryCredential(secret: .registryToken(token), origin: "the options given")
        }
        for path in files {
            guard let bytes = SmallFile.bytes(of: path), let file = try? AuthFile(bytes) else { continue }
            if let found = credential(for: endpoint, in: file, path: path) { return found }
        }
        return nil
    }

    /// The files that are looked at, in order.
    var files: [String] {
        // As the tools have it, an empty variable is one that is not set.
        let variables = settings.environment.filter { !$0.value.isEmpty }
        if let only = settings.registry.authFile ?? variables["REGISTRY_AUTH_FILE"] { return [only] }
        let home = variables["HOME"]
        let runtime = variables["XDG_RUNTIME_DIR"] ?? "/run/containers/\(getuid())"
        let configuration = variables["XDG_CONFIG_HOME"] ?? home.map { "\($0)/.config" }
        let docker = variables["DOCKER_CONFIG"] ?? home.map { "\($0)/.docker" }
        let runtimeFile =
            variables["XDG_RUNTIME_DIR"] == nil ? "\(runtime)/auth.json" : "\(runtime)/containers/auth.json"
        return [
            runtimeFile, configuration.map { "\($0)/containers/auth.json" }, docker.map { "\($0)/config.json" },
            home.map { "\($0)/.dockercfg" },
        ].compactMap { $0 }
    }

    private func credential(for endpoint: RegistryEndpoint, in file: AuthFile, path: String) -> RegistryCredential? {
        switch file.finding(registry: endpoint.credentialKey, repository: endpoint.repository) {
        case .secret(let secret): return RegistryCredential(secret: secret, origin: path)
        case .helper(let name, let key):
            guard let helper = CredentialHelper(name: name, environment: settings.environment),
                let secret = helper.secret(for: key)
            else { return nil }
            return RegistryCredential(secret: secret, origin: "\(helper.program), named by \(path)")
        case nil: return nil
        }
    }
}
