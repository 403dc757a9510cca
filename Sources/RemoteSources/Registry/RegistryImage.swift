// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import BlobFetch
package import Digests

/// An image in a registry that can be mounted: what its manifest says, and its metadata.
package struct RegistryImage: Sendable {
    /// Where the EROFS image with the metadata is.
    package enum Content: Sendable {
        /// A blob of the repository is the image, to be read as lazily as any other.
        case blob(name: String, size: UInt64)
        /// The bootstrap of a RAFS image, which its source unpacks and verifies when it is first read; `name` is what
        /// to file it under.
        case bootstrap(name: String, source: BootstrapSource)
    }

    /// The reference that was resolved.
    package let reference: ImageReference
    /// The digest of the manifest: the same image for ever, wherever the tag goes.
    package let digest: Digest
    /// The image with the metadata.
    package let content: Content
    /// Where the image's blobs come from, by digest or by the name the manifest gives them.
    package let remote: any BlobRemote
    /// The digests of the manifest's further blobs, in order.
    package let blobs: [String]
    /// The digests of those blobs that the manifest gives another name too.
    package let titles: [String: Digest]
    /// Why the registry was not asked, when the manifest is one kept from an earlier time.
    package let staleness: FetchError?

    /// The repository: two images of it that name a blob by its digest mean the same.
    package var repository: String { "oci://\(reference.registry)/\(reference.repository)" }

    /// The names of the blobs for an image's device slots, from the tags that the slots have: digests wherever the
    /// manifest tells them, because other manifests of the repository may give a title to another blob.
    ///
    /// Slots without tags are the manifest's blobs in order, if there are as many.
    package func blobNames(_ tags: [String]) -> [String] {
        if blobs.count == tags.count, tags.allSatisfy(\.isEmpty) { return blobs }
        return tags.map { titles[$0]?.description ?? $0 }
    }

    /// Asks the registry; blocks.
    ///
    /// When it cannot be reached, the manifest kept from an earlier time will do.
    package static func resolve(_ text: String, settings: RemoteSettings) throws(FetchError) -> RegistryImage {
        let reference: ImageReference
        do {
            reference = try ImageReference(text)
        } catch {
            throw FetchError.badAnswer(source: text, reason: error.description)
        }
        return try ImageResolver(reference, settings: settings).resolve()
    }
}
