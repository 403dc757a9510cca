// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS

/// The bytes of a file: its extents one after the other, each read from where it lies.
struct FileContent {
    let image: Image
    let devices: DeviceSet
    let clusters: ClusterReader
    /// The inode that fragments lie in.
    ///
    /// It must not have fragments itself: they could go round in circles.
    let packed: Inode?

    /// Fills `target`, which must lie inside the file, from `offset` on.
    func fill(
        _ target: UnsafeMutableRawBufferPointer, from inode: Inode, at offset: UInt64, on context: ReadContext
    ) throws(ReadError) {
        var done = 0
        while done < target.count {
            let position = offset + UInt64(done)
            let extent = try self.extent(of: inode, at: position)
            let count = Int(min(extent.start + extent.length - position, UInt64(target.count - done)))
            let part = UnsafeMutableRawBufferPointer(rebasing: target[done..<done + count])
            if case .cluster(let cluster) = extent.source {
                try DecodingBudget.check(cluster, wanted: target.count - done, on: context)
            }
            do throws(ReadError) {
                let following = target.count - done - count
                try fill(part, from: extent, skipping: position - extent.start, inode, following, on: context)
            } catch {
                guard case .missing(let first) = error else { throw error }
                let rest = position + UInt64(count)..<offset + UInt64(target.count)
                throw .missing(try all(first, and: rest, of: inode))
            }
            done += count
        }
    }

    /// What a range of a file lacks, found without reading any data; nil when nothing.
    func missing(of inode: Inode, _ range: Range<UInt64>) throws(ReadError) -> MissingBytes? {
        var result: MissingBytes?
        var position = range.lowerBound
        while position < range.upperBound {
            let extent = try self.extent(of: inode, at: position)
            let end = min(extent.start + extent.length, range.upperBound)
            let part = position - extent.start..<end - extent.start
            if let part = try missing(extent, part, of: inode) {
                if result == nil { result = part } else if result?.add(part) == false { break }
            }
            position = end
        }
        return result
    }

    /// The extent that covers `offset`; it is made sure that it really does.
    func extent(of inode: Inode, at offset: UInt64) throws(ReadError) -> Extent {
        let extent: Extent
        do throws(ImageError) { extent = try image.extent(of: inode, at: offset) } catch { throw ReadError(error) }
        guard extent.start <= offset, offset - extent.start < extent.length else {
            throw .image(.damaged(.inode(inode.nid), field: "extent start", value: extent.start))
        }
        return extent
    }

    private func fill(
        _ part: UnsafeMutableRawBufferPointer, from extent: Extent, skipping skip: UInt64, _ inode: Inode,
        _ following: Int, on context: ReadContext
    ) throws(ReadError) {
        switch extent.source {
        case .device(let id, let offset):
            try devices.read(device: id, at: offset &+ skip, into: part, on: context)
        case .hole:
            part.initializeMemory(as: UInt8.self, repeating: 0)
        case .inline(let place):
            do throws(ImageError) {
                let start = MetadataPlace(stream: place.stream, offset: place.offset &+ skip)
                part.copyMemory(from: try image.bytes(at: start, count: part.count))
            } catch {
                throw ReadError(error)
            }
        case .cluster(let cluster):
            try clusters.read(cluster, skipping: Int(skip), into: part, following: following, on: context)
        case .fragment(let offset):
            let (packed, range) = try fragment(at: offset, skip..<skip + UInt64(part.count), of: inode)
            try fill(part, from: packed, at: range.lowerBound, on: context)
        }
    }

    /// What a part of an extent lacks; fails where the read itself would, without having tried.
    private func missing(
        _ extent: Extent, _ part: Range<UInt64>, of inode: Inode
    ) throws(ReadError) -> MissingBytes? {
        switch extent.source {
        case .hole, .inline: return nil
        case .device(let id, let offset): return try missing(device: id, offset &+ part.lowerBound, part.count)
        case .cluster(let cluster):
            guard case .device(let id, let offset) = cluster.place else { return nil }
            return try missing(device: id, offset, cluster.encodedLength)
        case .fragment(let offset):
            let (packed, range) = try fragment(at: offset, part, of: inode)
            return try missing(of: packed, range)
        }
    }

    private func missing(device id: Int, _ offset: UInt64, _ count: Int) throws(ReadError) -> MissingBytes? {
        // A device has fewer bytes than the largest address, so what lies inside has an end.
        _ = try devices.device(id, offset, count)
        return devices.missing(device: id, offset..<offset + UInt64(count))
    }

    /// The inode that fragments lie in, and the bytes of it that are the part `part` of a fragment of `inode`.
    private func fragment(
        at offset: UInt64, _ part: Range<UInt64>, of inode: Inode
    ) throws(ReadError) -> (packed: Inode, range: Range<UInt64>) {
        guard let packed, packed.nid != inode.nid else {
            throw .image(.damaged(.inode(inode.nid), field: "fragment", value: offset))
        }
        let (start, overflow) = offset.addingReportingOverflow(part.lowerBound)
        let count = part.upperBound - part.lowerBound
        guard !overflow, start <= packed.size, packed.size - start >= count else {
            throw .image(.damaged(.inode(inode.nid), field: "fragment offset", value: offset))
        }
        return (packed, start..<start + count)
    }

    /// Adds what the rest of a request lacks to what its first miss named.
    ///
    /// Errors there wait for their own turn.
    private func all(
        _ first: MissingBytes, and rest: Range<UInt64>, of inode: Inode
    ) throws(ReadError) -> MissingBytes {
        var result = first
        if !rest.isEmpty, let more = try? missing(of: inode, rest) { result.add(more) }
        return result
    }
}
