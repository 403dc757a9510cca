// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobFetch
internal import Digests

/// Goes from a reference to an image: manifest, platform, layers, bootstrap.
///
/// Blocks; not for use on the engine's thread.
struct ImageResolver {
    /// The most bytes of a bootstrap's archive that are taken into memory.
    static let bootstrapLimit = 256 << 20

    let reference: ImageReference
    let settings: RemoteSettings
    let remote: RegistryRemote

    /// Prepares the way to one image.
    init(_ reference: ImageReference, settings: RemoteSettings) throws(FetchError) {
        self.reference = reference
        self.settings = settings
        remote = try RegistryRemote(reference, settings: settings)
    }

    /// Asks the registry.
    func resolve() throws(FetchError) -> RegistryImage {
        var staleness: FetchError?
        var (manifest, digest) = try manifest(reference.manifestName, expected: reference.digest, &staleness)
        if let entries = manifest.manifests {
            let entry = try choose(entries)
            (manifest, digest) = try self.manifest(entry.digest, expected: entry.digest, &staleness)
        }
        return try image(of: manifest, digest, staleness)
    }

    private func image(
        of manifest: Manifest, _ digest: Digest, _ staleness: FetchError?
    ) throws(FetchError) -> RegistryImage {
        guard let layers = manifest.layers else { throw bad("an index inside of an index") }
        if let bootstrap = layers.last(where: { $0.isNydusBootstrap }) {
            let others = layers.filter { !$0.isNydusBootstrap }
            return image(digest, try content(bootstrap), layers, others, staleness)
        }
        let erofs = layers.filter { $0.isImage }
        // What converting a single layer leaves: a Nydus blob that may carry its own bootstrap.
        let images = erofs.isEmpty ? layers.filter { $0.isNydusBlob } : erofs
        guard images.count == 1, let image = images.first else {
            let types = Set(layers.map { $0.mediaType ?? "untyped" }).sorted().joined(separator: ", ")
            throw bad(
                images.isEmpty ? "no layer is an EROFS image (\(types))" : "\(images.count) layers are EROFS images")
        }
        guard image.mediaType?.contains("+") == false else {
            throw bad("the EROFS layer is stored compressed (\(image.mediaType ?? ""))")
        }
        let name = try self.digest(image.digest).description
        let others = layers.filter { $0.digest != image.digest }
        return self.image(digest, .blob(name: name, size: image.size), layers, others, staleness)
    }

    private func image(
        _ digest: Digest, _ content: RegistryImage.Content, _ layers: [Manifest.Descriptor],
        _ others: [Manifest.Descriptor], _ staleness: FetchError?
    ) -> RegistryImage {
        var titles: [String: Digest] = [:]
        var sizes: [Digest: UInt64] = [:]
        for layer in layers { if let digest = Digest(layer.digest) { sizes[digest] = layer.size } }
        for layer in others {
            if let title = layer.title, let digest = Digest(layer.digest) { titles[title] = digest }
        }
        return RegistryImage(
            reference: reference, digest: digest, content: content, remote: remote.knowing(titles, sizes),
            blobs: others.map(\.digest), titles: titles, staleness: staleness)
    }

    /// A manifest and its own digest, which is checked when it is `expected`.
    func manifest(
        _ name: String, expected: String?, _ staleness: inout FetchError?
    ) throws(FetchError) -> (Manifest, Digest) {
        let bytes = try manifestBytes(name, &staleness)
        let actual = bytes.withUnsafeBytes { Digest(.sha256, of: $0) }
        if let expected, try digest(expected) != actual {
            throw FetchError.digestMismatch(source: remote.name, reason: "manifest \(expected) is \(actual)")
        }
        guard let manifest = Manifest(bytes) else { throw bad("what it has as \(name) is no manifest") }
        return (manifest, actual)
    }

    /// A manifest from the registry, or the one kept of an earlier time when there is no asking.
    private func manifestBytes(_ name: String, _ staleness: inout FetchError?) throws(FetchError) -> [UInt8] {
        let store = settings.registry.manifestDirectory.map { ManifestStore(directory: $0) }
        let key = "\(remote.name) \(name)"
        // What a digest names never changes.
        if let kept = store?.document(key), kept.withUnsafeBytes({ Digest(.sha256, of: $0) }) == Digest(name) {
            return kept
        }
        do throws(FetchError) {
            guard !settings.registry.isOffline else { throw FetchError.offline(source: reference.description) }
            let bytes = try document("manifests", name, accept: Manifest.accepted, limit: Manifest.byteLimit)
            store?.store(bytes, key)
            return bytes
        } catch {
            guard error.isPassing, let kept = store?.document(key) else { throw error }
            staleness = error
            return kept
        }
    }

    func choose(_ entries: [Manifest.Descriptor]) throws(FetchError) -> Manifest.Descriptor {
        guard let choice = PlatformChoice(settings.registry.platform) else {
            throw bad("\(settings.registry.platform ?? "") is no platform os/architecture[/variant]")
        }
        guard let entry = choice.choose(entries) else {
            let all = entries.compactMap(\.platform).map { "\($0.os ?? "?")/\($0.architecture ?? "?")" }
            throw bad("no image for \(choice.os)/\(choice.architecture); there are \(all.joined(separator: ", "))")
        }
        return entry
    }

    private func content(_ layer: Manifest.Descriptor) throws(FetchError) -> RegistryImage.Content {
        let version = layer.annotations?["containerd.io/snapshot/nydus-fs-version"] ?? "6"
        guard version == "6" else { throw bad("RAFS version \(version) is not EROFS") }
        let digest = try digest(layer.digest)
        let source = BootstrapSource(name: "\(remote.name)@\(digest)", layer: digest) {
            Result { () throws(FetchError) in try unpack(digest) }
        }
        return .bootstrap(name: "bootstrap-\(digest.description.dropFirst("sha256:".count))", source: source)
    }

    /// The RAFS bootstrap inside of its layer.
    private func unpack(_ expected: Digest) throws(FetchError) -> [UInt8] {
        let packed = try document("blobs", expected.description, accept: [], limit: Self.bootstrapLimit)
        let actual = packed.withUnsafeBytes { Digest(.sha256, of: $0) }
        guard actual == expected else {
            throw FetchError.digestMismatch(source: remote.name, reason: "bootstrap layer \(expected) is \(actual)")
        }
        guard let archive = GzipDocument.unpacked(packed, limit: Self.bootstrapLimit) else {
            throw bad("the bootstrap layer cannot be unpacked")
        }
        guard let bootstrap = TarDocument(archive).file(named: "image/image.boot") else {
            throw bad("the bootstrap layer holds no image/image.boot")
        }
        return bootstrap
    }

    /// A document from the first place that has it.
    func document(_ kind: String, _ name: String, accept: [String], limit: Int) throws(FetchError) -> [UInt8] {
        var failure: FetchError?
        for place in remote.places {
            let fetch = DocumentFetch(
                source: "oci://\(place.endpoint.credentialKey)/\(place.endpoint.repository)",
                url: place.endpoint.url(kind, name), fields: accept.map { HTTPField("Accept", $0) }, limit: limit,
                settings: settings.transfer, authorizer: place.authorizer)
            do {
                return try fetch.bytes()
            } catch { failure = error }
        }
        throw failure ?? bad("no place to ask")
    }

    func digest(_ text: String) throws(FetchError) -> Digest {
        guard let digest = Digest(text), text.hasPrefix("sha256:") else {
            throw bad("\(text.prefix(80).debugDescription) is no SHA-256 digest")
        }
        return digest
    }

    func bad(_ reason: String) -> FetchError { .badAnswer(source: reference.description, reason: reason) }
}
