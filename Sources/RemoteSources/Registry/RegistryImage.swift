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
        /// The bootstrap of a RAFS image, unpacked and verified.
        case bootstrap([UInt8])
    }

    /// The reference that was resolved.
    package let reference: ImageReference
    /// The digest of the manifest: the same image for ever, wherever the tag goes.
    package let digest: Digest
    /// The image with the metadata.
    package let content: Content
    /// Where the image's blobs come from, by digest or by the name the manifest gives them.
    package let remote: any BlobRemote
    /// The names of the manifest's further blobs, in order.
    package let blobs: [String]

    /// Asks the registry; blocks.
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
