// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import BlobFetch

/// A place of blobs as the user writes it: `http(s)://HOST/PREFIX`, `oci://HOST/REPOSITORY` or `s3://BUCKET/PREFIX`.
package enum RemoteLocation {
    /// Whether an address names one of the remotes of this module; directories belong to another.
    package static func isRemote(_ text: String) -> Bool {
        ["http://", "https://", "oci://", "s3://"].contains { text.lowercased().hasPrefix($0) }
    }

    /// Whether an address names a repository of a registry, or an image in one.
    package static func isRegistry(_ text: String) -> Bool { text.lowercased().hasPrefix("oci://") }

    /// Makes the remote that an address stands for; nothing is asked over the network yet.
    ///
    /// - Throws: `.badAnswer` when the address cannot be read, `.denied` when it lacks credentials.
    package static func remote(_ text: String, settings: RemoteSettings) throws(FetchError) -> any BlobRemote {
        if let url = HTTPURL(text) { return WebRemote(prefix: url, settings: settings) }
        if isRegistry(text) { return try registry(text, settings: settings) }
        if text.lowercased().hasPrefix("s3://") { return try ObjectStoreRemote(text, settings: settings) }
        throw FetchError.notFound(
            source: withoutSecrets(text), reason: "an address is SCHEME://HOST/PATH, of http, https, oci or s3")
    }

    private static func registry(_ text: String, settings: RemoteSettings) throws(FetchError) -> RegistryRemote {
        let reference: ImageReference
        do {
            reference = try ImageReference(text)
        } catch {
            throw FetchError.badAnswer(source: withoutSecrets(text), reason: error.description)
        }
        return try RegistryRemote(reference, settings: settings)
    }

    /// The address without user, password and query.
    static func withoutSecrets(_ text: String) -> String {
        let scheme = text.prefix { $0 != "/" }
        let rest = text.dropFirst(scheme.count).prefix { $0 != "?" && $0 != "#" }
        guard let at = rest.lastIndex(of: "@") else { return String(scheme + rest) }
        return "\(scheme)//...\(rest[at...])"
    }
}
