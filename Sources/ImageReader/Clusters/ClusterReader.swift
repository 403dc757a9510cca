// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Decompression
import EROFS
import Primitives
import Synchronization

/// Reads what encoded clusters decode to.
///
/// A cluster that is wanted whole is decoded straight into the caller's memory. A large one that is wanted in part is
/// decoded once, for all who ask at the same time, and kept for the reads that follow; but not when a reader comes into its
/// midst from elsewhere, as random reads do: then it is decoded only as far as need be. A small one costs less to decode
/// again than to share: each thread keeps just its last.
final class ClusterReader: Sendable {
    private let image: Image
    private let devices: DeviceSet
    private let cache: DecodedClusters
    private let recent = RecentClusters()
    /// Tells this reader's encoded bytes from another's in the threads' windows.
    private let identity = ClusterReader.readers.wrappingAdd(1, ordering: .relaxed).newValue
    private static let readers = Atomic<UInt64>(0)
    private static let threads = PerThread { DecodingThread() }

    /// Reads clusters of `image` from its devices, and keeps up to `cacheBytes` decoded bytes.
    init(image: Image, devices: DeviceSet, cacheBytes: Int) {
        self.image = image
        self.devices = devices
        cache = DecodedClusters(capacity: cacheBytes)
    }

    /// Fills `target` with what the cluster decodes to, from its byte `skip` on.
    ///
    /// - Parameter following: File bytes that the caller will ask for next, behind those of the cluster.
    func read(
        _ cluster: EncodedCluster, skipping skip: Int, into target: UnsafeMutableRawBufferPointer,
        following: Int = 0, on context: ReadContext
    ) throws(ReadError) {
        guard target.count > 0 else { return }
        guard skip >= 0, skip < cluster.decodedLength, target.count <= cluster.decodedLength - skip else {
            throw .decoding(.storedTooShort(stored: cluster.decodedLength, wanted: skip), fileOffset: cluster.start)
        }
        guard let codec = cluster.algorithm.codec else {
            return try copyStored(cluster, from: skip, into: target, following: following, on: context)
        }
        let isWhole = target.count == cluster.decodedLength
        if ClusterReader.isSmall(cluster) {
            try DecodingBudget.check(cluster, wanted: cluster.decodedLength, on: context)
            if isWhole { return try decode(cluster, codec, into: target, following: following, on: context) }
            return try copySmall(cluster, codec, from: skip, to: target, following: following, on: context)
        }
        if let kept = cache.find(cluster) { return kept.copy(from: skip, to: target) }
        if isWhole || (skip == 0 && ClusterReader.isShortPrefix(target.count, of: cluster)) {
            try DecodingBudget.check(cluster, wanted: target.count, on: context)
            if !isWhole { _ = recent.note(0..<target.count, of: cluster) }
            return try decode(cluster, codec, into: target, following: following, on: context)
        }
        let end = skip + target.count
        if skip > 0, end <= ScratchMemory.largest {
            try DecodingBudget.check(cluster, wanted: end, on: context)
            if !recent.note(skip..<end, of: cluster) {
                let scratch = ClusterReader.threads.current.scratch.bytes(end)
                try decode(cluster, codec, into: scratch, following: following, on: context)
                return target.copyMemory(from: UnsafeRawBufferPointer(rebasing: scratch[skip...]))
            }
        }
        try DecodingBudget.check(cluster, wanted: cluster.decodedLength, on: context)
        let kept = try cache.cluster(cluster, waiting: context.mayTakeLong) { memory throws(ReadError) in
            try self.decode(cluster, codec, into: memory, following: following, on: context)
        }
        kept.copy(from: skip, to: target)
    }

    /// Whether a cluster is decoded faster than it is looked up among those that all threads share.
    private static func isSmall(_ cluster: EncodedCluster) -> Bool {
        cluster.algorithm == .lz4 && cluster.decodedLength <= LastCluster.capacity
    }

    /// Copies a part of a small cluster, which is decoded unless it is the thread's last.
    private func copySmall(
        _ cluster: EncodedCluster, _ codec: Codec, from skip: Int, to target: UnsafeMutableRawBufferPointer,
        following: Int, on context: ReadContext
    ) throws(ReadError) {
        let last = ClusterReader.threads.current.last
        let bytes = try last.bytes(of: cluster, reader: identity) { memory throws(ReadError) in
            try decode(cluster, codec, into: memory, following: following, on: context)
        }
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[skip..<skip + target.count]))
    }

    /// Whether decoding just the beginning saves so much that the cluster is not decoded whole for later reads.
    private static func isShortPrefix(_ count: Int, of cluster: EncodedCluster) -> Bool {
        // Of a smaller one as well where it costs next to nothing if more is asked for: the block that a random read
        // wants may have begun in the cluster before.
        count <= cluster.decodedLength / (cluster.decodedLength > 128 << 10 ? 4 : 16)
    }

    /// Fills `target` with the beginning of what the cluster decodes to, or all of it.
    private func decode(
        _ cluster: EncodedCluster, _ codec: Codec, into target: UnsafeMutableRawBufferPointer, following: Int,
        on context: ReadContext
    ) throws(ReadError) {
        let thread = ClusterReader.threads.current
        let encoded = try encodedBytes(of: cluster, thread, following: following, on: context)
        let stream =
            cluster.hasLeadingPadding ? encoded.withoutLeadingZeroes(limit: image.superblock.blockSize) : encoded
        let isWhole = target.count == cluster.decodedLength && !cluster.isPartial
        do throws(DecodingError) {
            try thread.decoder.decode(codec, stream, into: target, isWhole ? .whole : .prefix)
        } catch {
            // The next read looks at the device again: its bytes may have been mended meanwhile.
            thread.window.forget()
            throw .decoding(error, fileOffset: cluster.start)
        }
    }

    /// The cluster's bytes as they are stored; valid until the thread asks for other ones.
    private func encodedBytes(
        of cluster: EncodedCluster, _ thread: DecodingThread, following: Int, on context: ReadContext
    ) throws(ReadError) -> UnsafeRawBufferPointer {
        switch cluster.place {
        case .metadata(let place):
            do throws(ImageError) {
                return try image.bytes(at: place, count: cluster.encodedLength)
            } catch {
                throw ReadError(error)
            }
        case .device(let id, let offset):
            let run = EncodedWindow.Run(reader: identity, device: id, offset: offset, count: cluster.encodedLength)
            let ratio = Double(cluster.encodedLength) / Double(max(cluster.decodedLength, 1))
            let ahead = Int(Double(min(following, EncodedWindow.aheadCount)) * min(ratio, 1))
            return try thread.window.bytes(run, ahead: ahead, of: devices, on: context)
        }
    }

    private func copyStored(
        _ cluster: EncodedCluster, from skip: Int, into target: UnsafeMutableRawBufferPointer, following: Int,
        on context: ReadContext
    ) throws(ReadError) {
        let stored = cluster.encodedLength
        guard cluster.decodedLength <= stored else {
            throw .decoding(
                .storedTooShort(stored: stored, wanted: cluster.decodedLength), fileOffset: cluster.start)
        }
        let isRotated = cluster.algorithm == .interlaced
        if !isRotated, target.count >= ClusterReader.directCount, case .device(let id, let offset) = cluster.place {
            return try devices.read(device: id, at: offset &+ UInt64(skip), into: target, on: context)
        }
        let bytes = try encodedBytes(
            of: cluster, ClusterReader.threads.current, following: following, on: context)
        copy(bytes, lead: isRotated ? rotatedLead(of: cluster) : 0, from: skip, to: target)
    }

    /// Copies from a stored cluster whose first `lead` bytes stand at its end, and the others at its start.
    private func copy(
        _ bytes: UnsafeRawBufferPointer, lead: Int, from skip: Int, to target: UnsafeMutableRawBufferPointer
    ) {
        let early = max(0, min(lead - skip, target.count))
        if early > 0 {
            let from = bytes.count - lead + skip
            target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[from..<from + early]))
        }
        guard early < target.count else { return }
        let from = skip + early - lead
        let rest = UnsafeMutableRawBufferPointer(rebasing: target[early...])
        rest.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[from..<from + rest.count]))
    }

    /// Stored bytes that are worth a read of their own.
    private static let directCount = 32 << 10

    /// The bytes of a rotated cluster up to the first that has a block's position 0 in the file.
    private func rotatedLead(of cluster: EncodedCluster) -> Int {
        let blockSize = image.superblock.blockSize
        let lead = blockSize - Int(cluster.start & UInt64(blockSize - 1))
        return min(lead, cluster.encodedLength)
    }
}

/// What a thread keeps for decoding.
private final class DecodingThread {
    let decoder = Decoder()
    let window = EncodedWindow()
    let last = LastCluster()
    let scratch = ScratchMemory()
}

extension EncodedCluster.Algorithm {
    /// The codec; nil for stored clusters.
    var codec: Codec? {
        switch self {
        case .shifted, .interlaced: nil
        case .lz4: .lz4
        case .lzma: .microLZMA
        case .deflate: .deflate
        case .zstd: .zstd
        }
    }
}
