// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Digests
import FUSE
import Fscache
import Glibc
import ImageMount
import LayerStore
import Primitives
import RemoteSources

/// The layers of images in registries that have their indexes beside them.
final class RegistryLayers: LayerProvider {
    /// Where a layer's index is, as it was found.
    private struct Place {
        let indexes: LayerIndexes
        let index: LayerIndex
    }

    private let settings: ImageSettings
    private let log: @Sendable (String) -> Void
    /// One for all layers.
    private let cache: Cache
    private let places = Locked<[String: Place]>([:])

    init(_ settings: ImageSettings, log: @escaping @Sendable (String) -> Void) throws {
        self.settings = settings
        self.log = log
        cache = try settings.openCache()
    }

    /// Forces what was fetched to disk, at the end.
    func flush() { cache.flush() }

    func facts(of digest: String, in image: String) -> LayerFacts? {
        if let place = places.withLock({ $0[digest] }) { return facts(place.index) }
        do throws(FetchError) {
            let indexes = try LayerIndexes.find(image, settings: transfer)
            places.withLock { places in
                for index in indexes.all { places[index.layer.description] = Place(indexes: indexes, index: index) }
            }
        } catch {
            if case .notFound = error { return nil }
            log("\(image): \(error)")
        }
        return places.withLock { $0[digest] }.map { facts($0.index) }
    }

    func open(_ digest: String, base: UInt64, channel: any ReplyChannel) -> ImageBranch? {
        guard let place = places.withLock({ $0[digest] }) else { return nil }
        do {
            var own = settings
            own.remotes.append(place.indexes.repository)
            if own.domainID == nil { own.domainID = "layers" }
            let assembly = try ImageAssembly(try bootstrap(place), own, cache: cache, report: log)
            assembly.fetchFirstNeeds()
            var mount = ServedMount.Settings()
            mount.switches = settings.switches
            mount.workers = Int(settings.workers)
            mount.owners = settings.owners
            return try ImageBranch(assembly.reader, base: base, channel: channel, settings: mount, log: log)
        } catch {
            log("layer \(digest): \(error)")
            return nil
        }
    }

    private func facts(_ index: LayerIndex) -> LayerFacts {
        LayerFacts(
            digest: index.layer.description, size: index.layerSize, diffID: index.diffID.description,
            diffSize: index.diffSize)
    }

    private var transfer: RemoteSettings {
        var result = settings.transfer
        result.environment = Environment.all
        result.registry.isOffline = settings.fetch.isOffline
        result.registry.manifestDirectory = cache.directory + "/manifests"
        return result
    }

    /// The file that holds a layer's bootstrap, fetched when it is not there yet.
    private func bootstrap(_ place: Place) throws -> String {
        let folder = cache.directory + "/layer-indexes"
        let path = "\(folder)/\(place.index.bootstrap.hex)"
        if access(path, R_OK) == 0 { return path }
        let bytes = try place.indexes.bootstrap(place.index)
        mkdir(folder, 0o700)
        try ReplacedFile.write(bytes, to: path)
        return path
    }
}
