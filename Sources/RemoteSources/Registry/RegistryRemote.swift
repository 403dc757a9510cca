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

    /// - Parameter titles: Other names of blobs than their digests, as a manifest gives them.
    init(_ reference: ImageReference, settings: RemoteSettings, titles: [String: Digest] = [:]) throws(FetchError) {
        name = "oci://\(reference.registry)/\(reference.repository)"
        self.settings = settings
        self.titles = titles
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

    private init(_ other: RegistryRemote, titles: [String: Digest]) {
        (name, settings, places, self.titles) = (other.name, other.settings, other.places, titles)
    }

    /// The same remote, with its tokens, and with names for blobs.
    func naming(_ titles: [String: Digest]) -> RegistryRemote { RegistryRemote(self, titles: titles) }

    func source(for blob: String) throws(FetchError) -> any BlobSource {
        guard let digest = titles[blob] ?? Digest(blob), digest.algorithm == .sha256 else {
            throw FetchError.notFound(
                source: name, reason: "\(blob.debugDescription) is no digest, and registries know blobs by digest only")
        }
        let sources = places.map { place in
            HTTPBlobSource(
                url: place.endpoint.url("blobs", digest.description), settings: settings.transfer,
                authorizer: place.authorizer, digest: digest)
        }
        if sources.count == 1, let only = sources.first { return only }
        guard let source = FallbackSource(sources) else {
            throw FetchError.badAnswer(source: name, reason: "no place to ask")
        }
        return source
    }
}
