// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

extension Image {
    /// Reads the inode `nid`.
    ///
    /// Any number may be asked for. What lies there must make sense as an inode, or an error says why it does not.
    @inline(__always)
    package func inode(_ nid: NodeID) throws(ImageError) -> Inode {
        let place = try place(of: nid)
        let format = try firstRecord(of: nid, at: place)
        let bits = format.u16(0)
        guard bits & ~0x1F == 0 else { throw .unsupported(.inode(nid), field: "i_format", value: UInt64(bits)) }
        guard let layout = DataLayout(rawValue: UInt8(truncatingIfNeeded: bits >> 1) & 7) else {
            throw .unsupported(.inode(nid), field: "layout", value: UInt64(bits >> 1 & 7))
        }
        let inode =
            bits & 1 == 0
            ? try compactInode(nid, layout, format, place)
            : try extendedInode(nid, layout, record(in: place.stream, at: place.offset, count: 64), place)
        guard inode.size >> 63 == 0 else { throw .damaged(.inode(nid), field: "i_size", value: inode.size) }
        if layout == .chunkBased && inode.chunkFormat & ~ChunkFormat.known != 0 {
            throw .unsupported(.inode(nid), field: "chunk format", value: UInt64(inode.chunkFormat))
        }
        return inode
    }

    @inline(__always)
    private func place(of nid: NodeID) throws(ImageError) -> MetadataPlace {
        let (bytes, overflow) = nid.slot.multipliedReportingOverflow(by: 32)
        let (offset, overflow2) = bytes.addingReportingOverflow(nid.isInMetabox ? 0 : metadataStart)
        guard !overflow, !overflow2 else { throw .damaged(.inode(nid), field: "offset", value: .max) }
        return MetadataPlace(stream: nid.isInMetabox ? .metabox : .primary, offset: offset)
    }

    /// The 32 bytes that every inode has.
    ///
    /// Where the image has ended, Linux sees zeroes, which are no inode: damage, like any other record without a type.
    @inline(__always)
    private func firstRecord(of nid: NodeID, at place: MetadataPlace) throws(ImageError) -> Record {
        do throws(ImageError) {
            return try record(in: place.stream, at: place.offset, count: 32)
        } catch {
            guard case .outOfBounds = error else { throw error }
            throw .damaged(.inode(nid), field: "offset", value: place.offset)
        }
    }

    @inline(__always)
    private func type(_ mode: UInt16, _ nid: NodeID) throws(ImageError) -> FileType {
        guard let type = FileType(mode: mode) else { throw .damaged(.inode(nid), field: "i_mode", value: UInt64(mode)) }
        return type
    }

    @inline(__always)
    private func compactInode(
        _ nid: NodeID, _ layout: DataLayout, _ record: Record, _ place: MetadataPlace
    ) throws(ImageError) -> Inode {
        let type = try type(record.u16(4), nid)
        // Bit 4 gives the link count's field to the address, except in directories, where it has another meaning.
        let isSingleLink = type != .directory && record.u16(0) & 0x10 != 0
        return Inode(
            nid: nid, format: record.u16(0), type: type, layout: layout, mode: record.u16(4),
            attributeCount: record.u16(2), size: UInt64(record.u32(8)),
            linkCount: isSingleLink ? 1 : UInt32(record.u16(6)), userID: UInt32(record.u16(0x18)),
            groupID: UInt32(record.u16(0x1A)), modificationSeconds: superblock.epoch &+ Int64(record.u32(0x0C)),
            modificationNanoseconds: superblock.fixedNanoseconds, union: record.u32(0x10),
            unionHigh: isSingleLink ? record.u16(6) : 0, serial: record.u32(0x14), place: place)
    }

    @inline(__always)
    private func extendedInode(
        _ nid: NodeID, _ layout: DataLayout, _ record: Record, _ place: MetadataPlace
    ) throws(ImageError) -> Inode {
        Inode(
            nid: nid, format: record.u16(0), type: try type(record.u16(4), nid), layout: layout, mode: record.u16(4),
            attributeCount: record.u16(2), size: record.u64(8), linkCount: record.u32(0x2C),
            userID: record.u32(0x18), groupID: record.u32(0x1C),
            modificationSeconds: Int64(bitPattern: record.u64(0x20)), modificationNanoseconds: record.u32(0x28),
            union: record.u32(0x10), unionHigh: record.u16(6), serial: record.u32(0x14), place: place)
    }
}
