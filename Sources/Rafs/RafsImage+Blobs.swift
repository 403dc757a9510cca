// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import BlobFetch
package import Fscache

extension RafsImage {
    /// The blobs of the device slots, in order, with their cookies in `volume`.
    ///
    /// Nothing is asked over the network: the image knows the sizes, and the ids are digests.
    ///
    /// - Parameters:
    ///   - remotes: Where blobs come from, in the order in which they are tried; may be empty offline.
    ///   - ownBlob: The name of the blob that the bootstrap was taken out of, if it was.
    package func blobs(
        in volume: Volume, from remotes: [any BlobRemote], ownBlob: String? = nil, settings: FetchSettings,
        report: @escaping @Sendable (FetchReport) -> Void = { _ in }
    ) throws(FetchError) -> [Blob] {
        var sources: [[RafsBlob]] = []
        for remote in remotes { sources.append(try blobSources(from: remote, ownBlob: ownBlob)) }
        var blobs: [Blob] = []
        for entry in bootstrap.blobs {
            let name = try name(of: entry, ownBlob)
            let cookie: Cookie
            do throws(CacheError) { cookie = try volume.cookie(name, size: entry.uncompressedSize) } catch {
                throw .cache(reason: error.description)
            }
            blobs.append(
                Blob(
                    name: name, cookie: cookie, validator: nil, sources: sources.map { $0[entry.index].source },
                    settings: settings, report: report))
        }
        return blobs
    }
}
