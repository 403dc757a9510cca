// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
package import EROFS
import Primitives

/// One image with its devices: answers what is in the tree, and the bytes of its files.
///
/// Every read goes inode -> extents -> device -> cached bytes. Nothing here waits for the network: a read that needs
/// bytes which are not there throws `ReadError.missing`, the caller hands that to ``provide(_:_:)``, and reads again.
/// Safe to use from any number of threads at once; a hit takes no lock.
package final class ImageReader: Sendable {
    /// The image's tree.
    package let image: Image
    /// The image's devices by id.
    package let devices: DeviceSet
    /// What fetches missing bytes.
    package let provider: ByteProvider
    let metadata: Bootstrap.Metadata
    let content: FileContent
    let directories = DecodedDirectories()

    /// Settings of an image reader.
    package struct Settings: Sendable {
        /// Bytes of decoded clusters that are kept for later reads.
        package var decodedCacheBytes = 8 << 20

        package init() {}
    }

    /// Joins a bootstrap with its devices, in slot order.
    ///
    /// Without devices the image is read in flat mode: everything lies in the primary; unless `isMetadataOnly`, when
    /// extents still name the devices, of which none can be read. Waits for the network when a
    /// metadata stream of the image (metabox, name prefixes) must be fetched.
    package init(
        _ bootstrap: Bootstrap, devices others: [Device], settings: Settings = Settings(), isMetadataOnly: Bool = false
    ) throws(ReadError) {
        metadata = bootstrap.metadata
        let isFlat = others.isEmpty && !bootstrap.image.devices.isEmpty && !isMetadataOnly
        image = isFlat ? try Bootstrap.parse(metadata, flat: true) : bootstrap.image
        devices = DeviceSet([bootstrap.primary] + others)
        provider = ByteProvider(devices: devices, mirror: metadata.mirror)
        let clusters = ClusterReader(image: image, devices: devices, cacheBytes: settings.decodedCacheBytes)
        let streams = MetadataStreams(image: image, devices: devices, clusters: clusters, provider: provider)
        try streams.attach()
        content = FileContent(image: image, devices: devices, clusters: clusters, packed: try streams.packedInode())
    }

    /// Whether the metadata is read in a mapping of the image file.
    package var isMapped: Bool { if case .mapped = metadata { true } else { false } }

    /// Lets go of the pages of a mapped image that were touched, when more than `most` bytes are mapped, and notes whether the
    /// kernel has begun to take pages back; see ``MappedImage/releasePages()`` and ``MappedImage/noteReclaim()``.
    ///
    /// Takes some microseconds: not for the serving thread.
    package func keepMappedPages(below most: Int) {
        guard case .mapped(let image) = metadata else { return }
        image.noteReclaim()
        if MappedMemory.bytes > most { image.releasePages() }
    }

    /// Starts fetching what a read found missing; see ``ByteProvider/provide(_:_:)``.
    package func provide(
        _ missing: MissingBytes, inode: UInt64 = 0, _ completion: @escaping @Sendable (ReadError?) -> Void
    ) -> ProvideTicket {
        provider.provide(missing, inode: inode, completion)
    }

    /// Does `body` until it gives a result, fetching what it misses; waits for the network.
    package func settling<Result>(_ body: () throws(ReadError) -> Result) throws(ReadError) -> Result {
        try provider.settling(body)
    }
}
