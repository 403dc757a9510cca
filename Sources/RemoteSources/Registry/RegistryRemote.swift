// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobFetch
internal import Digests

/// A repository of a registry, with its mirrors: blobs by digest.
final class RegistryRemote: BlobRemote {
    let name: String
    /// What the places are spoken to with.
    let settings: RemoteSettings
    /// Mirrors first, the registry itself last.
    let places: [(endpoint: RegistryEndpoint, authorizer: RegistryAuthorizer)]
    private let titles: [String: Digest]
    private let sizes: [Digest: UInt64]

    /// Prepares the way to one repository; nothing is asked yet.
    init(_ reference: ImageReference, settings: RemoteSettings) throws(FetchError) {
        name = "oci://\(reference.registry)/\(reference.repository)"
        self.settings = settings
        (titles, sizes) = ([:], [:])
        var endpoints: [RegistryEndpoint] = []
        for mirror in settings.registry.mirrors {
            guard let endpoint = RegistryEndpoint(mirror: mirror, of: reference, settings: settings) else {
                throw FetchError.badAnswer(source: name, reason: "\(mirror.debugDescription) is no host of a mirror")
            }
            endpoints.append(endpoint)
        }
        if let own = RegistryEndpoint(reference, settings: settings) { endpoints.append(own) }
        places = endpoints.map { endpoint in
            // What the user gave by hand is for the registry; a mirror has credentials of its own, in files.
            var own = settings
            if endpoint != endpoints.last { (own.credentials, own.bearerToken) = (nil, nil) }
            let source = endpoint.credentialKey
            return (endpoint, RegistryAuthorizer(source: source, endpoint: endpoint, settings: own))
        }
    }

    private init(_ other: RegistryRemote, _ titles: [String: Digest], _ sizes: [Digest: UInt64]) {
        (name, settings, places) = (other.name, other.settings, other.places)
        (self.titles, self.sizes) = (titles, sizes)
    }

    /// The same remote, with its tokens, and with what a manifest says of blobs: other names than their digests, and how
    /// many bytes they have.
    func knowing(_ titles: [String: Digest], _ sizes: [Digest: UInt64]) -> RegistryRemote {
        RegistryRemote(self, titles, sizes)
    }

    func source(for blob: String) throws(FetchError) -> any BlobSource {
        guard let digest = titles[blob] ?? Digest(blob), digest.algorithm == .sha256 else {
            throw FetchError.notFound(
                source: name, reason: "\(blob.debugDescription) is no digest, and registries know blobs by digest only")
        }
        let sources = places.map { place in
            HTTPBlobSource(
                url: place.endpoint.url("blobs", digest.description), settings: settings.transfer,
                authorizer: place.authorizer, digest: digest, size: sizes[digest])
        }
        if sources.count == 1, let only = sources.first { return only }
        guard let source = FallbackSource(sources) else {
            throw FetchError.badAnswer(source: name, reason: "no place to ask")
        }
        return source
    }
}
