// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import EROFS

/// Reads the content of an inode whose bytes all lie in the image itself, for streams and directories.
package struct ContentReader {
    /// Decodes a cluster's bytes to at most `wanted` bytes; nil if they are damaged.
    package typealias Decode = (
        _ cluster: EncodedCluster, _ bytes: UnsafeRawBufferPointer, _ wanted: Int
    ) -> [UInt8]?

    private let image: Image
    private let decode: Decode?
    /// The most bytes of an inode that are read.
    private static let limit: UInt64 = 1 << 20

    /// A reader of `image`; without `decode` compressed content is refused.
    package init(_ image: Image, decode: Decode? = nil) {
        self.image = image
        self.decode = decode
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

    private func bytes(of extent: Extent, _ isFragment: Bool) throws(ImageError) -> [UInt8]? {
        let length = Int(extent.length)
        switch extent.source {
        case .hole: return [UInt8](repeating: 0, count: length)
        case .inline(let place): return Array(try image.bytes(at: place, count: length))
        case .device(let id, let offset): return try id == 0 ? Array(file(offset, length)) : nil
        case .cluster(let cluster): return try decode?(cluster, encoded(cluster), length)
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
