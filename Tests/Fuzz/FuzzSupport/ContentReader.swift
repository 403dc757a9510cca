// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import EROFS

/// Reads the content of an inode whose bytes all lie in the image itself, for streams and directories.
package struct ContentReader {
    private let image: Image
    private let decoder: ClusterDecoder
    /// The most bytes of an inode that are read.
    private static let limit: UInt64 = 1 << 20

    /// A reader of `image`.
    package init(_ image: Image) {
        self.image = image
        decoder = ClusterDecoder(blockSize: image.superblock.blockSize)
    }

    /// The content of `inode`, up to a limit; nil where a part cannot be read.
    package func content(of inode: Inode, isFragment: Bool = false) throws(ImageError) -> [UInt8]? {
        guard inode.size <= Self.limit else { return nil }
        var content: [UInt8] = []
        while UInt64(content.count) < inode.size {
            let extent = try image.extent(of: inode, at: UInt64(content.count))
            guard let bytes = try bytes(of: extent, isFragment), bytes.count == Int(extent.length) else { return nil }
            let skipped = content.count - Int(extent.start)
            guard skipped >= 0, skipped < bytes.count else { return nil }
            content += bytes[skipped...]
        }
        return content
    }

    /// Decodes the streams that the image needs, as far as it can be done, and attaches them.
    package func attachStreams() throws(ImageError) {
        if let nid = image.superblock.metaboxInode, let content = try content(of: image.inode(nid)) {
            try image.attach(metabox: .copying(content))
        }
        if let range = image.packedPrefixRange, let nid = image.superblock.packedInode {
            guard let content = try content(of: image.inode(nid)) else { return }
            let skipped = Int(min(range.lowerBound, UInt64(content.count)))
            try image.attach(packedPrefixes: .copying(Array(content[skipped...])))
        }
    }

    /// The directory `inode`, wherever its content is; nil where a part cannot be read.
    package func directory(_ inode: Inode) throws(ImageError) -> Directory? {
        do { return try image.directory(inode) } catch ImageError.needsContent {
            guard let content = try content(of: inode) else { return nil }
            return Directory(inode, content: .copying(content), blockBits: image.superblock.blockBits)
        }
    }

    private func bytes(of extent: Extent, _ isFragment: Bool) throws(ImageError) -> [UInt8]? {
        let length = Int(extent.length)
        switch extent.source {
        case .hole: return [UInt8](repeating: 0, count: length)
        case .inline(let place): return Array(try image.bytes(at: place, count: length))
        case .device(let id, let offset): return try id == 0 ? Array(file(offset, length)) : nil
        case .cluster(let cluster): return try decoder.decode(cluster, encoded(cluster), length)
        case .fragment(let offset):
            guard !isFragment, let nid = image.superblock.packedInode else { return nil }
            let packed = try content(of: image.inode(nid), isFragment: true)
            guard let packed, offset <= packed.count, length <= packed.count - Int(offset) else { return nil }
            return Array(packed[Int(offset)..<Int(offset) + length])
        }
    }

    private func encoded(_ cluster: EncodedCluster) throws(ImageError) -> UnsafeRawBufferPointer {
        switch cluster.place {
        case .metadata(let place): return try image.bytes(at: place, count: cluster.encodedLength)
        case .device(0, let offset): return try file(offset, cluster.encodedLength)
        case .device(let id, _): throw .noDevice(id: id)
        }
    }

    private func file(_ offset: UInt64, _ count: Int) throws(ImageError) -> UnsafeRawBufferPointer {
        try image.primary.bytes(at: offset - image.primary.origin, count: count)
    }
}
