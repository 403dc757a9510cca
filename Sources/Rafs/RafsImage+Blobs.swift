// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import BlobFetch
package import Fscache

/// A device slot of a RAFS image that is put together: the blob with its cookie, and what knows its chunks.
package struct RafsDevice: Sendable {
    /// What the image says of the blob.
    package let entry: BlobEntry
    /// The blob and its cookie.
    package let blob: Blob
    /// The same blob by remote, in the order in which they are tried; empty for a tarfs device, which has no chunks.
    package let units: [UnitSource]
}

extension RafsImage {
    /// The blobs of the device slots, in order, with their cookies in `volume`.
    ///
    /// Nothing is asked over the network: the image knows the sizes, and the ids are digests.
    ///
    /// - Parameters:
    ///   - remotes: Where blobs come from, in the order in which they are tried; may be empty offline.
    ///   - ownBlob: The name of the blob that the bootstrap was taken out of, if it was.
    package func devices(
        in volume: Volume, from remotes: [any BlobRemote], ownBlob: String? = nil, settings: FetchSettings,
        report: @escaping @Sendable (FetchReport) -> Void = { _ in }
    ) throws(FetchError) -> [RafsDevice] {
        var sources: [[RafsBlob]] = []
        for remote in remotes {
            sources.append(try blobSources(from: remote, ownBlob: ownBlob, keepingTablesIn: volume))
        }
        var devices: [RafsDevice] = []
        for entry in bootstrap.blobs {
            let name = try name(of: entry, ownBlob)
            let cookie: Cookie
            do throws(CacheError) { cookie = try volume.cookie(name, size: entry.uncompressedSize) } catch {
                throw .cache(reason: error.description)
            }
            let found = sources.map { $0[entry.index] }
            let blob = Blob(
                name: name, cookie: cookie, validator: nil, sources: found.map(\.source), settings: settings,
                report: report)
            devices.append(RafsDevice(entry: entry, blob: blob, units: found.compactMap(\.units)))
        }
        return devices
    }
}
