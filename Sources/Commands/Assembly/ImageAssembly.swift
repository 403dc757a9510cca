// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Digests
import EROFS
import FUSE
import Fscache
import Glibc
import ImageReader
import Primitives
import RemoteSources

/// Puts an image together: opens it, its cache, its remotes and devices, and joins them into a reader.
///
/// Every command that looks at an image does it through this, so all of them mean the same by their options.
struct ImageAssembly {
    /// The image, ready to be read.
    let reader: ImageReader
    /// What the image was called on the command line.
    let name: String
    /// The cookies' name space; nil when nothing of the image is cached.
    let volume: Volume?
    /// The blobs that are fetched through the cache.
    let blobs: [Blob]
    /// What is known of the chunks of the blobs; nil unless the image is a RAFS one.
    let chunks: ChunkLookup?
    /// Where an external filler is connected, if one fills the blobs; to be stopped at the end.
    let filler: FillerSocket?

    /// Bytes that have come from the sources so far.
    var fetchedBytes: UInt64 { blobs.reduce(0) { $0 + $1.statistics.snapshot.bytes } }

    /// Bytes that were moved for them: packed, and with tables, where the image is a RAFS one.
    var movedBytes: UInt64 { blobs.reduce(0) { $0 + $1.movedBytes } }

    /// How far the kernel had better read ahead.
    ///
    /// What must be fetched is not read ahead generously: most readers want just a part.
    var kernelReadAhead: KernelReadAhead.Wish { blobs.isEmpty ? .generous : .none }

    /// Opens `image`; waits for the network where the image, its blobs' sizes or a metadata stream must be fetched.
    ///
    /// - Parameters:
    ///   - cache: Where to keep what is fetched; nil for the cache of the settings, opened for this image alone.
    ///   - report: Told of what goes wrong later, while bytes are fetched.
    ///
    /// - Throws: `Failure` with a line that begins with the image's name.
    init(
        _ image: String, _ settings: ImageSettings, cache: Cache? = nil, report: @escaping @Sendable (String) -> Void
    ) throws {
        do {
            _ = try UsageError.refuseSecrets("IMAGE", image)
            try self.init(opening: image, settings, cache, report)
        } catch let error as UsageError {
            throw error
        } catch {
            let text = "\(error)"
            throw Failure(text.hasPrefix("\(image): ") ? text : "\(image): \(text)")
        }
    }

    private init(
        opening image: String, _ settings: ImageSettings, _ cache: Cache?,
        _ report: @escaping @Sendable (String) -> Void
    ) throws {
        name = image
        var blobs = BlobOpener(image: image, settings, cache: cache, report: report)
        do {
            let bootstrap = try blobs.bootstrap()
            let devices = try blobs.devices(bootstrap)
            var readerSettings = ImageReader.Settings()
            readerSettings.decodedCacheBytes = Int(clamping: settings.decodedCache)
            reader = try ImageReader(bootstrap, devices: devices, settings: readerSettings)
        } catch {
            blobs.filler?.stop()
            throw error
        }
        volume = blobs.openedVolume
        self.blobs = blobs.opened
        filler = blobs.filler
        chunks = blobs.chunks
    }
}

/// Why an image could not be put together.
enum AssemblyError: Error, Equatable, CustomStringConvertible {
    /// The options name another number of devices than the image has.
    case deviceCount(given: Int, needed: Int)
    /// A device slot names no blob, and the options do not either.
    case unnamedDevice(slot: Int)
    /// Blobs must be fetched, and nothing says from where.
    case noRemote(blob: String)
    /// A remote's address begins with a word that no kind of remote has.
    case unknownScheme(String, remote: String)
    /// The cache has no place.
    case noCacheDirectory
    /// The bootstrap is another one than the options want.
    case wrongBootstrap(found: Digest, expected: Digest)

    var description: String {
        switch self {
        case .deviceCount(let given, let needed):
            "the image's extra_devices is \(needed), but \(given) were given with --device"
        case .unnamedDevice(let slot): "device slot \(slot) has no tag: name its blob with --device"
        case .noRemote(let blob): "blob '\(blob)' is not a local file: say with --remote where it comes from"
        case .unknownScheme(let scheme, let remote):
            "remote '\(remote)': there is no kind of remote '\(scheme)', but a directory, file, http, https, oci and s3"
        case .noCacheDirectory:
            "neither --cache-dir nor XDG_CACHE_HOME nor HOME is set: there is no place for the cache"
        case .wrongBootstrap(let found, let expected):
            "its bootstrap has the digest \(found), and not \(expected) as wanted"
        }
    }
}
