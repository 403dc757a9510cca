// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS

/// The facts of one inode, and where each part of its content lies.
struct InodeReport: Encodable {
    struct Piece: Encodable {
        var start: UInt64
        var length: UInt64
        var source: String
        /// What the image itself says of the chunks, when it is a RAFS one.
        var chunks: [ChunkReport]?
    }

    var path: String
    var nid: UInt64
    var type: String
    var layout: String
    var mode: String
    var owner: UInt32
    var group: UInt32
    var links: UInt32
    var size: UInt64
    var modified: String
    var attributeBytes: Int
    var extents: [Piece]

    init(_ path: String, _ inode: Inode, _ extents: [Extent], _ chunks: ChunkLookup?) throws {
        self.path = path
        nid = inode.nid.rawValue
        type = "\(inode.type)"
        layout = "\(inode.layout)"
        mode = inode.permissions
        owner = inode.userID
        group = inode.groupID
        links = inode.linkCount
        size = inode.size
        modified = inode.modificationTime
        attributeBytes = inode.attributeBodyLength
        self.extents = try extents.map { extent in
            let found = try extent.stored(0..<inode.size).flatMap { device, bytes in
                try chunks?.chunks(ofDevice: device, in: bytes)
            }
            return Piece(start: extent.start, length: extent.length, source: extent.source.text, chunks: found)
        }
    }

    /// The report for people.
    var lines: String {
        var result = """
            path       \(path.printable)
            inode      nid \(nid), \(type), \(layout)
            mode       \(mode), owner \(owner):\(group), \(links) links
            size       \(size)
            modified   \(modified)
            xattrs     \(attributeBytes) bytes

            """
        for extent in extents {
            result += "extent     \(extent.start) + \(extent.length): \(extent.source)\n"
            for chunk in extent.chunks ?? [] { result += "  \(chunk.line)\n" }
        }
        return result
    }
}

extension Inode {
    /// The permission bits in octal.
    var permissions: String { "0" + String(mode & 0o7777, radix: 8) }

    /// Seconds since 1970 with nine digits behind the point.
    var modificationTime: String {
        let fraction = String(modificationNanoseconds)
        return "\(modificationSeconds)." + String(repeating: "0", count: max(0, 9 - fraction.utf8.count)) + fraction
    }
}

extension Extent.Source {
    /// Where the bytes of an extent lie, in words.
    var text: String {
        switch self {
        case .hole: "hole"
        case .inline(let place): "inline at \(place.offset) of the \(place.stream) metadata"
        case .device(let id, let offset): "device \(id) at \(offset)"
        case .fragment(let offset): "packed inode at \(offset)"
        case .cluster(let cluster):
            "\(cluster.algorithm) cluster of \(cluster.encodedLength) bytes, "
                + "decoding to \(cluster.decodedLength)\(cluster.isPartial ? " or more" : ""), \(cluster.place.text)"
        }
    }
}

extension EncodedCluster.Place {
    /// Where encoded bytes lie, in words.
    var text: String {
        switch self {
        case .device(let id, let offset): "device \(id) at \(offset)"
        case .metadata(let place): "inline at \(place.offset) of the \(place.stream) metadata"
        }
    }
}
