// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Decompression
package import EROFS

/// Decodes clusters in the plainest way: no cache, no sharing.
package final class ClusterDecoder {
    private let decoder = Decoder()
    private let blockSize: Int

    /// A decoder for an image with blocks of `blockSize` bytes.
    package init(blockSize: Int) { self.blockSize = blockSize }

    /// The first `wanted` bytes of `cluster`, whose encoded bytes are given; nil if they are damaged.
    package func decode(_ cluster: EncodedCluster, _ bytes: UnsafeRawBufferPointer, _ wanted: Int) -> [UInt8]? {
        switch cluster.algorithm {
        case .shifted: return wanted <= bytes.count ? Array(bytes[..<wanted]) : nil
        case .interlaced: return rotated(cluster, bytes, wanted)
        case .lz4: return decode(.lz4, cluster, bytes, wanted)
        case .lzma: return decode(.microLZMA, cluster, bytes, wanted)
        case .deflate: return decode(.deflate, cluster, bytes, wanted)
        case .zstd: return decode(.zstd, cluster, bytes, wanted)
        }
    }

    private func decode(
        _ codec: Codec, _ cluster: EncodedCluster, _ bytes: UnsafeRawBufferPointer, _ wanted: Int
    ) -> [UInt8]? {
        var target = [UInt8](repeating: 0, count: wanted)
        let stream = cluster.hasLeadingPadding ? bytes.withoutLeadingZeroes(limit: blockSize) : bytes
        let isWhole = wanted == cluster.decodedLength && !cluster.isPartial
        do {
            try target.withUnsafeMutableBytes {
                try decoder.decode(codec, stream, into: $0, isWhole ? .whole : .prefix)
            }
        } catch { return nil }
        return target
    }

    /// The byte of the file at `x` stands at the position `x % blockSize` of its block; the first block is the last.
    private func rotated(_ cluster: EncodedCluster, _ bytes: UnsafeRawBufferPointer, _ wanted: Int) -> [UInt8]? {
        let inBlock = Int(cluster.start % UInt64(blockSize))
        let head = min(blockSize - inBlock, cluster.decodedLength)
        guard cluster.decodedLength <= bytes.count, wanted <= cluster.decodedLength, blockSize - inBlock <= bytes.count
        else { return nil }
        let start = bytes.count - (blockSize - inBlock)
        return Array(
            (Array(bytes[start..<start + head]) + Array(bytes[..<(cluster.decodedLength - head)])).prefix(wanted))
    }
}
