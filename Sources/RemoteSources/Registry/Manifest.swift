// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials

/// A manifest, or an index of manifests, of the OCI and Docker kinds.
struct Manifest: Decodable {
    /// What a manifest is asked for with; a registry that misses one here answers 404 or another document.
    static let accepted = [
        "application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    ]
    /// The most bytes of a manifest, by custom of the registries.
    static let byteLimit = 4 << 20

    /// What an image runs on.
    struct Platform: Decodable, Equatable {
        var os: String?
        var architecture: String?
        var variant: String?
        var features: [String]?

        private enum CodingKeys: String, CodingKey {
            case os
            case architecture
            case variant
            case features = "os.features"
        }
    }

    /// A reference to a document or a blob.
    struct Descriptor: Decodable {
        var mediaType: String?
        var digest: String
        var size: UInt64
        var annotations: [String: String]?
        var platform: Platform?
        var artifactType: String?
    }

    /// The entries of an index.
    var manifests: [Descriptor]?
    /// The layers of a manifest.
    var layers: [Descriptor]?

    /// - Returns: Nil when the bytes are neither a manifest nor an index.
    init?(_ bytes: [UInt8]) {
        guard let manifest = try? JSONDecoder().decode(Manifest.self, from: Data(bytes)),
            manifest.manifests != nil || manifest.layers != nil
        else { return nil }
        self = manifest
    }
}

extension Manifest.Descriptor {
    /// Whether the entry of an index is the lazily loadable twin of a plain image.
    var isNydus: Bool {
        artifactType == "application/vnd.nydus.image.manifest.v1+json"
            || platform?.features?.contains("nydus.remoteimage.v1") == true
    }

    /// Whether a layer is an archive with a RAFS bootstrap.
    var isNydusBootstrap: Bool { annotations?["containerd.io/snapshot/nydus-bootstrap"] == "true" }

    /// Whether a layer is a RAFS data blob.
    var isNydusBlob: Bool { mediaType?.hasPrefix("application/vnd.oci.image.layer.nydus.blob.") == true }

    /// Whether a layer is an EROFS image as it is.
    var isImage: Bool {
        guard let mediaType else { return false }
        return mediaType.hasPrefix("application/vnd.erofs.layer")
            || mediaType.hasPrefix("application/vnd.erofs.bootstrap")
    }

    /// The file name that a tool which pushed files gave a layer.
    var title: String? { annotations?["org.opencontainers.image.title"] }
}
