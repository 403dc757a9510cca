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
        if let nid = image.superblock.metaboxInode {
            let inode = try inode(nid)
            let bytes = try content(of: inode, 0..<inode.size, limit: MetadataStreams.largestMetabox)
            try checked { () throws(ImageError) in try image.attach(metabox: bytes) }
        }
        if let range = image.packedPrefixRange, let packed = try packedInode() {
            let bytes = try content(of: packed, range, limit: 1 << 20)
            try checked { () throws(ImageError) in try image.attach(packedPrefixes: bytes) }
        }
    }

    /// The inode that holds fragments and, in images of some tools, the name prefixes; nil when the image has none.
    func packedInode() throws(ReadError) -> Inode? {
        guard let nid = image.superblock.packedInode else { return nil }
        return try inode(nid)
    }

    private func inode(_ nid: NodeID) throws(ReadError) -> Inode {
        try provider.settling { () throws(ReadError) in
            try checked { () throws(ImageError) in try image.inode(nid) }
        }
    }

    private func content(of inode: Inode, _ range: Range<UInt64>, limit: Int) throws(ReadError) -> ImageBytes {
        let range = range.clamped(to: 0..<inode.size)
        let bytes = try OwnedBytes(count: UInt64(range.count), limit: limit, nid: inode.nid)
        let file = FileContent(image: image, devices: devices, clusters: clusters, packed: nil)
        try provider.settling { () throws(ReadError) in
            try file.fill(bytes.buffer, from: inode, at: range.lowerBound, on: .worker)
        }
        return bytes.bytes
    }

    private func checked<Result>(_ body: () throws(ImageError) -> Result) throws(ReadError) -> Result {
        do throws(ImageError) { return try body() } catch { throw ReadError(error) }
    }
}
