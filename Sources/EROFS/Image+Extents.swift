// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

extension Image {
    /// The most bytes to which contiguous chunks are merged.
    package static let maximumMergedLength: UInt64 = 16 << 20

    /// The extent that covers byte `offset` of a file, directory or link.
    ///
    /// At and beyond the end of the content, and for types without content, it is an empty hole.
    ///
    /// - Parameter reach: How far behind `offset` merging chunks is of use to the caller; at most
    ///   ``maximumMergedLength``.
    package func extent(
        of inode: Inode, at offset: UInt64, reach: UInt64 = maximumMergedLength
    ) throws(ImageError) -> Extent {
        guard offset < inode.size, inode.hasContent else { return Extent(start: offset, length: 0, source: .hole) }
        switch inode.layout {
        case .flatPlain: return try plainExtent(of: inode, length: inode.size, at: offset)
        case .flatInline: return try inlineExtent(of: inode, at: offset)
        case .chunkBased: return try chunkExtent(of: inode, at: offset, reach: min(reach, Self.maximumMergedLength))
        case .compressedFull, .compressedCompact: return try compressedExtent(of: inode, at: offset)
        }
    }

    /// The device, and the place on it, where byte `address` of the primary's address space lies.
    @inline(__always)
    package func resolve(address: UInt64) throws(ImageError) -> DevicePlace {
        try deviceTable.resolve(device: 0, address: address)
    }

    private func plainExtent(of inode: Inode, length: UInt64, at offset: UInt64) throws(ImageError) -> Extent {
        guard let block = inode.startBlock else { return Extent(start: 0, length: length, source: .hole) }
        let run = DeviceRun(start: 0, length: length, device: 0, address: block << superblock.blockBits)
        return try extent(in: run, at: offset)
    }

    private func inlineExtent(of inode: Inode, at offset: UInt64) throws(ImageError) -> Extent {
        let bodyLength = inode.bodyLength(blockBits: superblock.blockBits)
        guard offset >= bodyLength else { return try plainExtent(of: inode, length: bodyLength, at: offset) }
        let length = inode.size - bodyLength
        try checkInlineTail(of: inode, length: length)
        let place = MetadataPlace(stream: inode.stream, offset: inode.endOffset)
        return Extent(start: bodyLength, length: length, source: .inline(place))
    }

    /// Refuses inline data that crosses the end of a block.
    func checkInlineTail(of inode: Inode, length: UInt64) throws(ImageError) {
        let blockSize = UInt64(superblock.blockSize)
        guard inode.endOffset & (blockSize - 1) + length <= blockSize else {
            throw .damaged(.inode(inode.nid), field: "inline data length", value: length)
        }
    }

    /// The part of `run` that contains file byte `offset` and lies on one device.
    func extent(in run: DeviceRun, at offset: UInt64) throws(ImageError) -> Extent {
        let place = try deviceTable.resolve(device: run.device, address: run.address)
        let skipped = offset - run.start
        if skipped < place.remaining {
            return Extent(
                start: run.start, length: min(run.length, place.remaining),
                source: .device(id: place.id, offset: place.offset))
        }
        let (address, overflow) = run.address.addingReportingOverflow(skipped)
        guard !overflow else { throw .outOfBounds(offset: run.address, count: run.length, size: .max) }
        let later = try deviceTable.resolve(device: run.device, address: address)
        return Extent(
            start: offset, length: min(run.length - skipped, later.remaining),
            source: .device(id: later.id, offset: later.offset))
    }
}

/// A run of file bytes that are consecutive in the format's address space, perhaps across devices.
struct DeviceRun {
    /// The file offset of the first byte.
    let start: UInt64
    /// Bytes in the run.
    var length: UInt64
    /// The masked device id.
    let device: Int
    /// The byte address on that device.
    let address: UInt64
}

extension Inode {
    /// Whether the type of file is one that has content.
    @inline(__always)
    package var hasContent: Bool { type == .regular || type == .directory || type == .symbolicLink }

    /// The bytes of a flat-inline inode's content that lie in blocks: all but the last, perhaps partial, block.
    @inline(__always)
    func bodyLength(blockBits: Int) -> UInt64 {
        guard layout == .flatInline else { return size }
        return size == 0 ? 0 : ((size - 1) >> blockBits) << blockBits
    }
}
