// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

@testable import EROFS

/// An image made by hand with one compressed file.
struct CompressedFile {
    /// Where the inode is, in units of 32 bytes.
    var nid = 48
    var layout: UInt16 = 1
    var size: UInt32
    /// The 8 bytes of the map header.
    var header = [UInt8](repeating: 0, count: 8)
    /// What follows the header.
    var index: [UInt8] = []
    var features: UInt32 = 0x3
    var packedInode: UInt64 = 0

    /// The image, opened: LZ4 and Zstandard are what its files may use.
    func open() throws -> Image {
        var builder = ImageBuilder(size: 32768)
        builder.setFeatures(incompatible: features)
        builder.putDirectory(nid: 40, [(".", 40, 2), ("..", 40, 2), ("f", UInt64(nid), 1)])
        builder.put(UInt16(features & 2 == 0 ? 0 : 9), at: 1024 + 0x54)
        builder.put(packedInode, at: 1024 + 0x60)
        if features & 2 != 0 { builder.put(hexadecimal("0e00 ffff 0400 00000000000000000000 0600 00 00"), at: 1152) }
        if packedInode != 0 { builder.put(.init(format: 0, mode: 0o100644, size: 1 << 20), at: Int(packedInode) * 32) }
        builder.put(.init(format: layout << 1, mode: 0o100644, size: size), at: nid * 32)
        builder.put(header + index, at: nid * 32 + 32)
        return try builder.open()
    }

    /// The extent that covers byte `offset` of the file.
    func extent(at offset: UInt64) throws -> Extent {
        let image = try open()
        return try image.extent(of: image.inode(NodeID(rawValue: UInt64(nid))), at: offset)
    }

    /// The field that the error at byte `offset` names, and whether it is one of what is unsupported.
    func complaint(at offset: UInt64 = 0) -> String? {
        do {
            _ = try extent(at: offset)
            return nil
        } catch let error as ImageError {
            switch error {
            case .damaged(_, let field, _): return field
            case .unsupported(_, let field, _): return "unsupported \(field)"
            default: return "\(error)"
            }
        } catch { return "\(error)" }
    }
}

extension Extent {
    /// An extent of `length` bytes at `start` that is a cluster of the image file.
    static func cluster(
        _ start: UInt64, _ length: UInt64, at offset: UInt64, _ encoded: Int, _ algorithm: EncodedCluster.Algorithm,
        isPartial: Bool = false
    ) -> Extent {
        let cluster = EncodedCluster(
            place: .device(id: 0, offset: offset), encodedLength: encoded, decodedLength: Int(length),
            algorithm: algorithm, isPartial: isPartial, hasLeadingPadding: true, start: start)
        return Extent(start: start, length: length, source: .cluster(cluster))
    }
}
