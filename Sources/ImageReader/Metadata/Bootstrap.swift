// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import EROFS
import Primitives

/// An image whose superblock and device table were read, before its devices are known.
///
/// Opening takes two steps because the device slots say which blobs an image needs: read them here, then make an
/// ``ImageReader`` of it and the devices.
package struct Bootstrap: Sendable {
    /// The device that holds the superblock.
    package let primary: Device
    /// The image as it stands with separate devices.
    package let image: Image
    let metadata: Metadata

    /// The image's bytes, for readers of formats that extend EROFS.
    package var bytes: ImageBytes { metadata.bytes }

    /// Does `body` until it gives a result, fetching the image's bytes that it misses; waits for the network.
    package func settling<Result>(_ body: () throws(ReadError) -> Result) throws(ReadError) -> Result {
        try ByteProvider(devices: DeviceSet([primary]), mirror: metadata.mirror).settling(body)
    }

    /// Where metadata bytes come from.
    enum Metadata: Sendable {
        case mapped(MappedImage)
        case mirror(MetadataMirror)

        var bytes: ImageBytes {
            switch self {
            case .mapped(let image): image.bytes
            case .mirror(let mirror): mirror.bytes
            }
        }

        var mirror: MetadataMirror? {
            if case .mirror(let mirror) = self { mirror } else { nil }
        }

        var wasCut: Bool {
            if case .mapped(let image) = self { image.wasCut } else { false }
        }
    }

    /// Reads the superblock and what belongs to it; waits for the network when the image is a blob.
    package init(_ primary: Device) throws(ReadError) {
        self.primary = primary
        let metadata = try Bootstrap.metadata(of: primary)
        self.metadata = metadata
        let provider = ByteProvider(devices: DeviceSet([primary]), mirror: metadata.mirror)
        image = try provider.settling { () throws(ReadError) in
            try Bootstrap.parse(metadata, flat: false)
        }
    }

    /// Reads the image's tables anew, for one device that holds all (`flat`) or for separate ones.
    static func parse(_ metadata: Metadata, flat: Bool) throws(ReadError) -> Image {
        let image: Image
        do throws(ImageError) {
            image = try Image(metadata.bytes, isFlat: flat)
        } catch {
            throw ReadError(error)
        }
        guard !metadata.wasCut else { throw .imageWasCut }
        return image
    }

    private static func metadata(of primary: Device) throws(ReadError) -> Metadata {
        do throws(SystemError) {
            switch primary {
            case .file(let file): return .mapped(try MappedImage(file))
            case .blob(let blob): return .mirror(try MetadataMirror(blob))
            }
        } catch {
            throw .system(error)
        }
    }
}
