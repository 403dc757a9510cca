// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

extension Image {
    /// The extent that covers byte `offset` of a compressed inode; `offset` lies within the content.
    func compressedExtent(of inode: Inode, at offset: UInt64) throws(ImageError) -> Extent {
        let map = try CompressionMap(of: inode, in: self)
        if let fragment = map.wholeFragment {
            try checkFragments(map)
            return Extent(start: 0, length: inode.size, source: .fragment(offset: fragment))
        }
        let extent =
            map.hasExtentRecords
            ? try recordedExtent(ExtentRecords(map, in: self), at: offset)
            : try indexedExtent(ClusterIndex(map, in: self), at: offset)
        guard extent.start <= offset, offset < extent.end, extent.end <= inode.size else {
            throw map.damaged("extent start", extent.start)
        }
        return extent
    }

    /// The source of a run of file bytes that is encoded in one physical cluster.
    ///
    /// Checks what Linux does when it maps an extent (`z_erofs_map_sanity_check`), in its order.
    func clusterExtent(_ run: EncodedRun, of map: CompressionMap) throws(ImageError) -> Extent {
        let inode = ImageError.Place.inode(map.inode.nid)
        let algorithm = try self.algorithm(run.algorithm, of: map)
        guard run.length <= UInt64(CompressionConfiguration.maximumDecodedLength) else {
            throw .unsupported(inode, field: "extent length", value: run.length)
        }
        guard run.encodedLength <= UInt64(CompressionConfiguration.maximumEncodedLength) else {
            throw .unsupported(inode, field: "cluster length", value: run.encodedLength)
        }
        if case .stored = run.algorithm, run.length > run.encodedLength {
            // Linux looks at indexes when it maps them, but at records only when it copies.
            let field = "stored cluster length"
            throw map.hasExtentRecords
                ? .unsupported(inode, field: field, value: run.encodedLength) : map.damaged(field, run.encodedLength)
        }
        let isPadded = algorithm != .lz4 || superblock.incompatible.contains(.zeroPadding)
        let cluster = EncodedCluster(
            place: try place(of: run), encodedLength: Int(run.encodedLength), decodedLength: Int(run.length),
            algorithm: algorithm, isPartial: run.isPartial || !isPadded, hasLeadingPadding: isPadded,
            start: run.start)
        return Extent(start: run.start, length: run.length, source: .cluster(cluster))
    }

    /// A tail that lies in the packed inode.
    func fragmentExtent(
        _ range: Range<UInt64>, at offset: UInt64, of map: CompressionMap
    ) throws(ImageError) -> Extent {
        try checkFragments(map)
        let length = range.upperBound - range.lowerBound
        return Extent(start: range.lowerBound, length: length, source: .fragment(offset: offset))
    }

    /// Refuses fragments of an image that has no place for them, and of the inode that is this place.
    private func checkFragments(_ map: CompressionMap) throws(ImageError) {
        guard let packed = superblock.packedInode, superblock.incompatible.contains(.fragments) else {
            throw map.damaged("packed_nid", 0)
        }
        guard map.inode.nid != packed else { throw map.damaged("fragment in the packed inode", packed.rawValue) }
    }

    private func place(of run: EncodedRun) throws(ImageError) -> EncodedCluster.Place {
        switch run.address {
        case .metadata(let place): return .metadata(place)
        case .device(let address):
            let resolved = try resolve(address: address)
            return .device(id: resolved.id, offset: resolved.offset)
        }
    }

    private func algorithm(
        _ algorithm: EncodedRun.Algorithm, of map: CompressionMap
    ) throws(ImageError) -> EncodedCluster.Algorithm {
        switch algorithm {
        case .stored(let isInterlaced): return isInterlaced ? .interlaced : .shifted
        case .encoded(let id):
            guard 0..<4 ~= id else {
                throw .unsupported(.inode(map.inode.nid), field: "algorithm", value: UInt64(id))
            }
            guard compression.available >> UInt16(id) & 1 != 0 else { throw map.damaged("algorithm", UInt64(id)) }
            return [.lz4, .lzma, .deflate, .zstd][id]
        }
    }
}

/// A run of file bytes with its physical cluster, as the index has it, before anything is resolved or checked.
struct EncodedRun {
    /// Where a cluster lies.
    enum Address {
        /// At a byte of the primary's address space.
        case device(UInt64)
        /// Among the metadata.
        case metadata(MetadataPlace)
    }

    /// What a cluster is encoded with.
    enum Algorithm {
        case stored(isInterlaced: Bool)
        /// The number that the format gives the algorithm.
        case encoded(Int)
    }

    /// The file offset of the first byte.
    var start: UInt64
    /// File bytes.
    var length: UInt64
    var address: Address
    var encodedLength: UInt64
    var algorithm: Algorithm
    /// Whether the stream may decode to more than the run.
    var isPartial: Bool
}
