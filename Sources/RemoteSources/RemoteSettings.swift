// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Everything that can be configured about remotes.
package struct RemoteSettings: Sendable {
    /// User and password for the remote itself; they win over every file.
    package struct Credentials: Sendable, Equatable {
        /// The user, or the access key of an object store.
        package var user: String
        /// The password, or the secret key.
        package var password: String

        /// A user and a password.
        package init(user: String, password: String) {
            self.user = user
            self.password = password
        }
    }

    /// How requests are made.
    package var transfer = TransferSettings()
    /// User and password given by hand.
    package var credentials: Credentials?
    /// A ready bearer token for the remote.
    package var bearerToken: String?
    /// Variables of the environment that credentials are looked for with, `HOME` among them.
    package var environment: [String: String] = [:]
    /// Settings of `oci://` remotes.
    package var registry = RegistrySettings()
    /// Settings of `s3://` remotes.
    package var objectStore = ObjectStoreSettings()

    /// The usual settings.
    package init() {}
}

/// What is particular to registries.
package struct RegistrySettings: Sendable {
    /// A file of the form of `~/.docker/config.json` that is read instead of the usual ones.
    package var authFile: String?
    /// Whether registries are spoken to by plain http; loopback addresses always are tried so.
    package var plainHTTP = false
    /// Registries, `HOST[:PORT][/PREFIX]`, that are asked first, in order.
    package var mirrors: [String] = []
    /// Which image an index is resolved to, `os/architecture[/variant]`; nil for this machine's.
    package var platform: String?
    /// Where manifests are kept for times when the registry cannot be asked; nil for nowhere.
    package var manifestDirectory: String?
    /// Nothing is asked: only manifests that were kept will do.
    package var isOffline = false

    /// The usual settings.
    package init() {}
}

/// What is particular to S3-style object stores.
package struct ObjectStoreSettings: Sendable {
    /// The service's address; nil for Amazon's.
    package var endpoint: String?
    /// The region that requests are signed for; nil to take the environment's or the profile's.
    package var region: String?
    /// The profile of the shared credential files; nil for `AWS_PROFILE` or `default`.
    package var profile: String?
    /// Whether the bucket stands in the path instead of the host; nil: in the path when there is an endpoint.
    package var usesPathStyle: Bool?
    /// Whether requests are not signed.
    package var isAnonymous = false

    /// The usual settings.
    package init() {}
}
