// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// `feature_incompat`: features without which the image cannot be read.
///
/// Several bits announce two features.
package struct IncompatibleFeatures: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Compressed data lies at the end of its cluster, zeroes before it.
    package static let zeroPadding = IncompatibleFeatures(rawValue: 0x001)
    /// Configuration records follow the superblock.
    package static let compressionConfigurations = IncompatibleFeatures(rawValue: 0x002)
    /// Physical clusters may have several blocks.
    package static let bigClusters = IncompatibleFeatures(rawValue: 0x002)
    /// Some inodes are chunk-based; index-only images do not set it.
    package static let chunkedFiles = IncompatibleFeatures(rawValue: 0x004)
    /// There are device slots.
    package static let deviceTable = IncompatibleFeatures(rawValue: 0x008)
    /// Inodes may have a second algorithm.
    package static let secondHead = IncompatibleFeatures(rawValue: 0x008)
    /// Compressed tails may lie behind their inode.
    package static let inlineClusters = IncompatibleFeatures(rawValue: 0x010)
    /// There may be a packed inode.
    package static let fragments = IncompatibleFeatures(rawValue: 0x020)
    /// Clusters may be used several times or in part.
    package static let deduplication = IncompatibleFeatures(rawValue: 0x020)
    /// There is a table of long attribute prefixes.
    package static let longPrefixes = IncompatibleFeatures(rawValue: 0x040)
    /// 48-bit addresses, extent records, directories without ".".
    package static let wideAddresses = IncompatibleFeatures(rawValue: 0x080)
    /// Inodes may lie in the content of the metabox inode.
    package static let metabox = IncompatibleFeatures(rawValue: 0x100)

    /// All features that this implementation knows.
    package static let known = IncompatibleFeatures(rawValue: 0x1FF)
}

/// `feature_compat`: features that a reader may ignore, unless they say where attributes lie.
package struct CompatibleFeatures: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The superblock has a checksum.
    package static let checksum = CompatibleFeatures(rawValue: 0x01)
    /// Stored times are times of modification.
    package static let modificationTimes = CompatibleFeatures(rawValue: 0x02)
    /// Inodes have a filter of attribute names.
    package static let attributeFilter = CompatibleFeatures(rawValue: 0x04)
    /// Shared attributes lie in the metabox stream.
    package static let sharedAttributesInMetabox = CompatibleFeatures(rawValue: 0x08)
    /// The table of long attribute prefixes lies in the primary device.
    package static let plainPrefixes = CompatibleFeatures(rawValue: 0x10)
    /// One of the long prefixes marks content digests.
    package static let sharedContentDigests = CompatibleFeatures(rawValue: 0x20)
}
