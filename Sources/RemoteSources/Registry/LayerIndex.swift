// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import BlobFetch
package import Digests

/// What lies beside an ordinary layer in its repository, so that the layer can be read without being downloaded.
///
/// The image's manifest has a referrer (OCI distribution specification 1.1; where the registry knows no referrers, an entry
/// of the index tagged `sha256-HEX`) of the type ``artifactType``. Each of its layers is the bootstrap of one layer of the
/// image, gzip or plain, and says in annotations which one that is.
package struct LayerIndex: Equatable, Sendable {
    /// The artifact type of the referrer.
    package static let artifactType = "application/vnd.swift-erofs-fuse.layer-indexes.v1"
    /// What the keys of the annotations begin with.
    static let prefix = "swift-erofs-fuse.layer."
    /// The most bytes of a bootstrap that are taken into memory.
    static let limit = 256 << 20

    /// The layer as it lies in the registry.
    package let layer: Digest
    /// Bytes of that.
    package let layerSize: UInt64
    /// The digest of the layer's plain tar.
    package let diffID: Digest
    /// Bytes of that.
    package let diffSize: UInt64
    /// The blob that holds the bootstrap.
    package let bootstrap: Digest

    /// Takes an entry of the referrer's manifest; nil when it is none for a layer of the image.
    ///
    /// - Parameter layers: The layers of the image's manifest.
    init?(_ entry: Manifest.Descriptor, layers: [Manifest.Descriptor]) {
        func fact(_ name: String) -> String { entry.annotations?[LayerIndex.prefix + name] ?? "" }
        guard let layer = layers.first(where: { $0.digest == fact("digest") }), let digest = Digest(layer.digest),
            let diffID = Digest(fact("diff-id")), let diffSize = UInt64(fact("diff-size")),
            let bootstrap = Digest(entry.digest),
            [digest, diffID, bootstrap].allSatisfy({ $0.algorithm == .sha256 })
        else { return nil }
        (self.layer, layerSize, self.diffID, self.diffSize) = (digest, layer.size, diffID, diffSize)
        self.bootstrap = bootstrap
    }
}

/// The indexes of an image's layers.
package struct LayerIndexes: Sendable {
    /// The repository's address.
    package let repository: String
    /// One for each layer that has an index.
    package let all: [LayerIndex]
    private let resolver: ImageResolver

    /// Asks the registry for the image `HOST/REPOSITORY[:TAG][@DIGEST]`; blocks.
    ///
    /// - Throws: `.notFound` when no index belongs to the image.
    package static func find(_ text: String, settings: RemoteSettings) throws(FetchError) -> LayerIndexes {
        let reference: ImageReference
        do {
            reference = try ImageReference("oci://" + text)
        } catch {
            throw FetchError.badAnswer(source: text, reason: error.description)
        }
        let resolver = try ImageResolver(reference, settings: settings)
        return LayerIndexes(
            repository: "oci://\(reference.registry)/\(reference.repository)", all: try resolver.layerIndexes(),
            resolver: resolver)
    }

    /// The bootstrap of a layer, unpacked, after its digest was checked; blocks.
    package func bootstrap(_ index: LayerIndex) throws(FetchError) -> [UInt8] {
        let limit = LayerIndex.limit
        let packed = try resolver.document("blobs", index.bootstrap.description, accept: [], limit: limit)
        guard packed.withUnsafeBytes({ Digest(.sha256, of: $0) }) == index.bootstrap else {
            throw .digestMismatch(source: repository, reason: "the index \(index.bootstrap) has another digest")
        }
        guard let bytes = GzipDocument.unpacked(packed, limit: limit) else {
            throw .badAnswer(source: repository, reason: "the index \(index.bootstrap) cannot be unpacked")
        }
        return bytes
    }
}

extension ImageResolver {
    /// The indexes of the layers of the image.
    func layerIndexes() throws(FetchError) -> [LayerIndex] {
        var staleness: FetchError?
        var (manifest, digest) = try manifest(reference.manifestName, expected: reference.digest, &staleness)
        if let entries = manifest.manifests {
            let entry = try choose(entries)
            (manifest, digest) = try self.manifest(entry.digest, expected: entry.digest, &staleness)
        }
        guard let layers = manifest.layers else { throw bad("an index inside of an index") }
        let artifacts = try referrers(of: digest).filter { $0.artifactType == LayerIndex.artifactType }
        guard let artifact = artifacts.last else {
            throw FetchError.notFound(source: reference.description, reason: "no index of its layers")
        }
        let (indexes, _) = try self.manifest(artifact.digest, expected: artifact.digest, &staleness)
        return (indexes.layers ?? []).compactMap { LayerIndex($0, layers: layers) }
    }

    /// What refers to a manifest: by the registry's interface for that, or by the tag that stands for it.
    private func referrers(of digest: Digest) throws(FetchError) -> [Manifest.Descriptor] {
        let store = settings.registry.manifestDirectory.map { ManifestStore(directory: $0) }
        let key = "\(remote.name) referrers of \(digest)"
        let bytes: [UInt8]
        do throws(FetchError) {
            bytes = try referrersDocument(of: digest)
            store?.store(bytes, key)
        } catch {
            guard error.isPassing, let kept = store?.document(key) else { throw error }
            bytes = kept
        }
        guard let found = Manifest(bytes)?.manifests else { throw bad("its list of referrers cannot be read") }
        return found
    }

    private func referrersDocument(of digest: Digest) throws(FetchError) -> [UInt8] {
        guard !settings.registry.isOffline else { throw FetchError.offline(source: reference.description) }
        let accept = [Manifest.accepted[0]]
        do throws(FetchError) {
            return try document("referrers", digest.description, accept: accept, limit: Manifest.byteLimit)
        } catch {
            guard !error.isPassing else { throw error }
            return try document("manifests", "sha256-\(digest.hex)", accept: accept, limit: Manifest.byteLimit)
        }
    }
}
