// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// What lets us into a registry, and where it was found.
struct RegistryCredential: Equatable, Sendable {
    /// The kinds of secrets.
    enum Secret: Equatable, Sendable {
        case password(user: String, password: String)
        /// Exchanged for a bearer token.
        case identityToken(String)
        /// A bearer token itself.
        case registryToken(String)
    }

    /// The secret.
    var secret: Secret
    /// For messages: the option, file or helper it came from.
    var origin: String
}
