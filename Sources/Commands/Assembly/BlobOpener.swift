// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import EROFS
import Fscache
import Glibc
import ImageReader
import Primitives
import Rafs
import RemoteSources

/// Opens the devices of one image: local files as they are, everything else as blobs through the cache.
struct BlobOpener {
    let image: String
    let settings: ImageSettings
    let report: @Sendable (String) -> Void
    /// Where to keep what is fetched; nil for the cache of the settings.
    private let cache: Cache?
    /// The volume, once something is cached.
    private(set) var openedVolume: Volume?
    /// The blobs opened so far.
    var opened: [Blob] = []
    /// Where an external filler connects, when one is to fill the blobs.
    private(set) var filler: FillerSocket?
    /// What the registry says of the image, when it is one of a registry.
    private(set) var registryImage: RegistryImage?
    /// The blob that the bootstrap was taken out of, and where it lies; nil for a bootstrap that stands alone.
    private(set) var ownBlob: (name: String, remote: any BlobRemote)?
    /// What is known of the chunks of a RAFS image, once its devices are opened.
    var chunks: ChunkLookup?

    init(image: String, _ settings: ImageSettings, cache: Cache? = nil, report: @escaping @Sendable (String) -> Void) {
        self.image = image
        self.settings = settings
        self.cache = cache
        self.report = report
    }

    /// Reads the superblock: of the image, or of the bootstrap inside it when it is a Nydus blob that carries one.
    ///
    /// The whole of it must have the digest that the settings give, if they do.
    mutating func bootstrap() throws -> Bootstrap {
        let bootstrap = try readBootstrap()
        if let digest = settings.bootstrapDigest { try bootstrap.check(digest) }
        return bootstrap
    }

    private mutating func readBootstrap() throws -> Bootstrap {
        let primary = try primary()
        do throws(ReadError) { return try Bootstrap(primary) } catch {
            guard case .image(.notEROFS) = error, let inline = try? inlineBootstrap() else { throw error }
            return try Bootstrap(inline)
        }
    }

    /// The device with the superblock: a local file, or a blob that an address names.
    private mutating func primary() throws -> Device {
        guard RemoteLocation.isRemote(image) else {
            return .file(try LocalFile(path: image, offset: settings.offset))
        }
        if RemoteLocation.isRegistry(image) { return try registryPrimary() }
        let (name, place) = try imagePlace()
        return .blob(try blob(name, from: [place]))
    }

    /// The bootstrap inside the image, when the image is a Nydus blob that carries one.
    private mutating func inlineBootstrap() throws -> Device {
        let (name, place) = try imagePlace()
        let source = InlineBootstrapSource(try place.source(for: name))
        let bootstrap = try blob(name + ".image.boot", sources: [source])
        opened.removeAll { $0.name == name }
        // Tables of images name blobs without the algorithm: the cookie is the same, whoever names it.
        ownBlob = (name.hasPrefix("sha256:") ? String(name.dropFirst(7)) : name, place)
        return .blob(bootstrap)
    }

    /// The image's name, and what has it under that name.
    private func imagePlace() throws -> (name: String, place: any BlobRemote) {
        if let registryImage {
            guard case .blob(let name, _) = registryImage.content else {
                throw FetchError.notFound(source: image, reason: "its bootstrap is no blob")
            }
            return (name, registryImage.remote)
        }
        let slash = image.lastIndex(of: "/")
        let name = String(image[(slash.map { image.index(after: $0) } ?? image.startIndex)...])
        let prefix = slash.map { String(image[...$0]) } ?? "."
        guard RemoteLocation.isRemote(image) else { return (name, directory(prefix)) }
        guard !name.isEmpty else {
            throw FetchError.notFound(source: image, reason: "the address names no file")
        }
        return (name, try RemoteLocation.remote(prefix, settings: transfer))
    }

    /// Resolves the reference, and opens the metadata that its manifest names.
    private mutating func registryPrimary() throws -> Device {
        var transfer = transfer
        transfer.registry.isOffline = settings.fetch.isOffline
        transfer.registry.manifestDirectory =
            try Environment.cacheDirectory(unless: settings.cacheDirectory) + "/manifests"
        let found = try RegistryImage.resolve(image, settings: transfer)
        registryImage = found
        if let error = found.staleness, !settings.fetch.isOffline {
            report("\(image): \(found.digest) is used, as it was last time: \(error)")
        }
        switch found.content {
        case .blob(let name, _): return .blob(try blob(name, from: [found.remote]))
        case .bootstrap(let name, let source): return .blob(try blob(name, sources: [source]))
        }
    }

    /// The devices of the slots; none when the image is to be read as one flat device.
    mutating func devices(_ bootstrap: Bootstrap) throws -> [Device] {
        try openFiller()
        if let rafs = try rafsImage(bootstrap) { return try devices(of: rafs) }
        let slots = bootstrap.image.devices
        if !settings.devices.isEmpty, settings.devices.count != slots.count {
            throw AssemblyError.deviceCount(given: settings.devices.count, needed: slots.count)
        }
        let written = slots.map { String(decoding: $0.tag, as: UTF8.self) }
        let tags = registryImage?.blobNames(written) ?? written
        let remotes = try remotes()
        // As in Linux: without devices by name the image file itself holds them, one after the other.
        if settings.devices.isEmpty, remotes.isEmpty || tags.allSatisfy(\.isEmpty) { return [] }
        var devices: [Device] = []
        for (index, tag) in tags.enumerated() {
            let name = settings.devices.isEmpty ? tag : settings.devices[index]
            guard !name.isEmpty else { throw AssemblyError.unnamedDevice(slot: index + 1) }
            if !settings.devices.isEmpty, access(name, F_OK) == 0 {
                devices.append(.file(try LocalFile(path: name)))
            } else {
                guard !remotes.isEmpty || settings.fetch.isOffline else { throw AssemblyError.noRemote(blob: name) }
                devices.append(.blob(try blob(name, from: remotes)))
            }
        }
        return devices
    }

    private var transfer: RemoteSettings {
        var result = settings.transfer
        result.environment = Environment.all
        return result
    }

    /// Where blobs come from: the places that were given, and then the image's own repository.
    func remotes() throws -> [any BlobRemote] {
        var result: [any BlobRemote] = filler.map { [FillerRemote($0)] } ?? []
        result += try settings.remotes.map { try remote($0) }
        if let own = ownBlob?.remote ?? registryImage?.remote { result.append(own) }
        return result
    }

    /// Lets an external filler connect, when the settings have a socket for one.
    private mutating func openFiller() throws {
        guard let path = settings.fillerSocket, filler == nil else { return }
        let volume = try volume()
        filler = try FillerSocket(path: path, volume: volume.key, scratchDirectory: volume.path)
    }

    private func remote(_ text: String) throws -> any BlobRemote {
        try refuseUnknownScheme(text)
        if RemoteLocation.isRemote(text) { return try RemoteLocation.remote(text, settings: transfer) }
        let path = text.hasPrefix("file://") ? String(text.dropFirst("file://".count)) : text
        return directory(path)
    }

    private func directory(_ path: String) -> DirectoryRemote {
        DirectoryRemote(path: path, rate: settings.transfer.transfer.rate)
    }

    private mutating func blob(_ name: String, from remotes: [any BlobRemote]) throws -> Blob {
        try blob(name, sources: try remotes.map { try $0.source(for: name) })
    }

    /// Refuses what looks like an address of another kind, and is no directory that somebody has called so.
    private func refuseUnknownScheme(_ text: String) throws(AssemblyError) {
        guard !RemoteLocation.isRemote(text), !text.hasPrefix("file://"), let end = text.firstRange(of: "://"),
            access(text, F_OK) != 0
        else { return }
        throw .unknownScheme(String(text[..<end.lowerBound]), remote: text)
    }

    private mutating func blob(_ name: String, sources: [any BlobSource]) throws -> Blob {
        let volume = try volume()
        let report = report
        let digests = try settings.digests.map {
            try DigestFiles(path: $0, roots: settings.rootDigests).list(for: name)
        }
        let blob = try Blob.open(
            name, in: volume, sources: sources, settings: settings.fetching, digests: digests, checksName: true
        ) { report($0.description) }
        opened.append(blob)
        return blob
    }

    /// The volume of this image's cookies, named as the kernel names it.
    mutating func volume() throws -> Volume {
        if let openedVolume { return openedVolume }
        let cache = try cache ?? settings.openCache()
        do throws(CacheError) {
            let volume = try cache.volume("erofs," + (settings.domainID ?? settings.fsid ?? defaultID))
            openedVolume = volume
            return volume
        } catch {
            guard case .badKey = error, let text = settings.domainID ?? settings.fsid else { throw error }
            throw UsageError.badValue(
                settings.domainID == nil ? "fsid" : "domain-id", text: text,
                wanted: "1 to 248 bytes, none of them a slash, a space or a control character")
        }
    }

    /// The image's file name, and a hash of where it lies: two images of one name may name their blobs alike.
    ///
    /// For images of registries the repository instead: all its manifests mean the same by a digest.
    private var defaultID: String {
        let image = registryImage?.repository ?? image
        let name = image.split(separator: "/").last.map(String.init) ?? "image"
        let plain = name.utf8.prefix(200).map { $0 > 32 && $0 < 127 ? $0 : UInt8(ascii: "_") }
        let path = realpath(image, nil)
        defer { free(path) }
        let place = path.map { String(cString: $0) } ?? image
        return String(decoding: plain, as: UTF8.self) + "-" + String(KeyHash.volume(Array(place.utf8)), radix: 16)
    }
}

extension FetchReport {
    /// The sentence for the log.
    var description: String {
        switch self {
        case .failed(let blob, let range, let error):
            "blob '\(blob)', bytes \(range.lowerBound) to \(range.upperBound): \(error)"
        case .wrongDigest(let blob, let range):
            "blob '\(blob)', bytes \(range.lowerBound) to \(range.upperBound): wrong digest, fetched once more"
        case .quarantined(let blob, let copy):
            "blob '\(blob)' does not have the digest that names it: it is not served any more; "
                + (copy.map { "a copy is in '\($0)'" } ?? "there was no room for a copy")
        case .distrusted(let blob, let bytes):
            "blob '\(blob)': \(bytes) bytes of the cached object were lost; they are fetched again"
        case .uncached(let blob, let error): "blob '\(blob)' is served without being cached: \(error)"
        }
    }
}
