// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Keys, region and endpoint of an object store, from where Amazon's tools keep them.
struct ObjectStoreAccount: Equatable {
    /// Nil when nothing was found: requests then go unsigned, as public buckets allow.
    var keys: RequestSignature.Keys?
    /// What requests are signed for.
    var region: String
    /// The service's address; nil for Amazon's.
    var endpoint: String?

    /// Looks into the settings, then the environment, then the profile's files.
    ///
    /// - Parameter contents: Gives the text of a file, nil when it cannot be read.
    init(_ settings: RemoteSettings, contents: (String) -> String?) {
        let variables = settings.environment
        let store = settings.objectStore
        let profile = store.profile ?? variables["AWS_PROFILE"] ?? "default"
        let home = variables["HOME"] ?? ""
        func values(_ variable: String, _ file: String) -> [String: String] {
            contents(variables[variable] ?? "\(home)/.aws/\(file)").map { ProfileFile($0)[profile] } ?? [:]
        }
        let secrets = values("AWS_SHARED_CREDENTIALS_FILE", "credentials")
        let configuration = values("AWS_CONFIG_FILE", "config")
        region =
            store.region ?? variables["AWS_REGION"] ?? variables["AWS_DEFAULT_REGION"] ?? configuration["region"]
            ?? "us-east-1"
        endpoint =
            store.endpoint ?? variables["AWS_ENDPOINT_URL_S3"] ?? variables["AWS_ENDPOINT_URL"]
            ?? configuration["endpoint_url"]
        guard !store.isAnonymous else { return }
        if let given = settings.credentials {
            keys = RequestSignature.Keys(access: given.user, secret: given.password)
        } else if store.profile == nil, let own = Self.keys(variables, prefix: "AWS_", uppercase: true) {
            keys = own
        } else {
            keys =
                Self.keys(secrets, prefix: "aws_", uppercase: false)
                ?? Self.keys(configuration, prefix: "aws_", uppercase: false)
        }
    }

    private static func keys(_ values: [String: String], prefix: String, uppercase: Bool) -> RequestSignature.Keys? {
        func value(_ name: String) -> String? { values[prefix + (uppercase ? name.uppercased() : name)] }
        guard let access = value("access_key_id"), let secret = value("secret_access_key"), !access.isEmpty else {
            return nil
        }
        return RequestSignature.Keys(access: access, secret: secret, session: value("session_token"))
    }
}
