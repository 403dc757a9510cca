// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS

/// What the small cluster that a thread decoded last decodes to.
///
/// Requests seldom begin and end where clusters do; the rest of a cluster often serves the next one. For one thread only.
final class LastCluster {
    /// The most bytes that a cluster may decode to.
    static let capacity = 32 << 10
    private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: LastCluster.capacity, alignment: 16)
    private var held: (reader: UInt64, cluster: EncodedCluster)?

    deinit { memory.deallocate() }

    /// The bytes of `cluster`, which decodes to at most ``capacity`` bytes; valid until the next call.
    ///
    /// - Parameters:
    ///   - reader: The identity of the image's reader; clusters of two images may look alike.
    ///   - decode: Fills the memory that it is given; called when another cluster was decoded since.
    func bytes(
        of cluster: EncodedCluster, reader: UInt64,
        decode: (UnsafeMutableRawBufferPointer) throws(ReadError) -> Void
    ) throws(ReadError) -> UnsafeRawBufferPointer {
        let decoded = UnsafeMutableRawBufferPointer(rebasing: memory[..<cluster.decodedLength])
        if let held, held.reader == reader, held.cluster == cluster { return UnsafeRawBufferPointer(decoded) }
        held = nil
        try decode(decoded)
        held = (reader, cluster)
        return UnsafeRawBufferPointer(decoded)
    }
}
