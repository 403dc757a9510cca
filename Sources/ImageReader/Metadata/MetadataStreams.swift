// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS

/// The streams of an image that are files themselves and must be read before what lies in them can be:
/// the metabox with its inodes, and the table of long xattr name prefixes.
struct MetadataStreams {
    let image: Image
    let devices: DeviceSet
    let clusters: ClusterReader
    let provider: ByteProvider

    /// Bytes of the largest metabox that is taken into memory.
    static let largestMetabox = 1 << 30

    /// Reads the streams that the image has and hands them to it; waits for the network.
    func attach() throws(ReadError) {
        if let nid = image.superblock.metaboxNode {
            image.attach(metabox: try whole(nid, limit: MetadataStreams.largestMetabox))
        }
        if let range = image.longPrefixTableInPackedInode {
            image.attach(packedPrefixes: try whole(range, limit: 64 << 10))
        }
    }

    /// The inode that holds fragments and, in images of some tools, the name prefixes.
    func packedInode() throws(ReadError) -> Inode? {
        guard let nid = image.superblock.packedNode else { return nil }
        return try inode(nid)
    }
}
