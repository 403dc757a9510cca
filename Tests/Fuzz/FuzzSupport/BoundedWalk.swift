// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import EROFS

/// Visits all that can be reached in an image, as far as a number of steps allows, and takes every error for an answer.
///
/// What it finds is of no interest: it shows that nothing traps, hangs or reads outside the image.
package struct BoundedWalk {
    /// The image.
    package let image: Image
    /// Calls and loop rounds so far.
    package private(set) var steps = 0
    /// Errors so far.
    package private(set) var errors: [any Error] = []
    private let reader: ContentReader
    private let limit: Int
    private var visited: Set<UInt64> = []

    /// A walk of `image` that gives up after about `limit` steps.
    package init(_ image: Image, limit: Int = 20_000, decode: ContentReader.Decode? = nil) {
        self.image = image
        self.limit = limit
        reader = ContentReader(image, decode: decode)
    }

    /// Visits everything, from the root and the inodes that the superblock names.
    package mutating func run() {
        attempt { walk in try walk.attachStreams() }
        var waiting = [image.root]
        if let metabox = image.superblock.metaboxInode { waiting.append(metabox) }
        if let packed = image.superblock.packedInode { waiting.append(packed) }
        while let nid = waiting.popLast(), steps < limit {
            guard visited.insert(nid.rawValue).inserted else { continue }
            attempt { walk in waiting += try walk.visit(nid) }
        }
    }

    private mutating func attempt(_ body: (inout BoundedWalk) throws -> Void) {
        steps += 1
        do { try body(&self) } catch { errors.append(error) }
    }

    private func attachStreams() throws {
        if let nid = image.superblock.metaboxInode, let content = try reader.content(of: image.inode(nid)) {
            try image.attach(metabox: .copying(content))
        }
        if let range = image.packedPrefixRange, let nid = image.superblock.packedInode {
            guard let content = try reader.content(of: image.inode(nid)) else { return }
            try image.attach(packedPrefixes: .copying(Array(content.dropFirst(Int(range.lowerBound)))))
        }
    }

    private mutating func visit(_ nid: NodeID) throws -> [NodeID] {
        let inode = try image.inode(nid)
        _ = inode.sectorCount(blockBits: image.superblock.blockBits)
        _ = image.inodeNumber(nid)
        attempt { walk in try walk.visitAttributes(of: inode) }
        attempt { walk in try walk.visitContent(of: inode) }
        var children: [NodeID] = []
        if inode.type == .directory { attempt { walk in children = try walk.visitNames(of: inode) } }
        return children
    }

    private mutating func visitAttributes(of inode: Inode) throws {
        let attributes = try image.extendedAttributes(of: inode)
        var names: [[UInt8]] = []
        var steps = 0
        defer { self.steps += steps }
        try attributes.forEachAttribute { name, value in
            var text = [UInt8](repeating: 0, count: name.count)
            text.withUnsafeMutableBytes { name.copy(to: $0) }
            names.append(text)
            steps += 1 + value.count / 64
            return steps < 1000
        }
        for name in names.prefix(20) {
            attempt { _ in _ = try name.withUnsafeBytes { key in try attributes.value(named: key)?.count } }
        }
        _ = try attributes.contentDigest()
    }

    /// Steps through the extents from the start, looks at the end, and reads what is small.
    private mutating func visitContent(of inode: Inode) throws {
        var offset: UInt64 = 0
        for _ in 0..<64 where offset < inode.size && inode.hasContent {
            steps += 1
            offset = try covering(offset, of: inode).end
        }
        if inode.size > 0 && inode.hasContent { _ = try covering(inode.size - 1, of: inode) }
        if inode.hasContent { _ = try reader.content(of: inode) }
    }

    /// The extent at `offset`, of which what every caller relies on must be true.
    private func covering(_ offset: UInt64, of inode: Inode) throws -> Extent {
        let extent = try image.extent(of: inode, at: offset)
        guard extent.start <= offset, extent.end > offset, extent.end <= inode.size else {
            preconditionFailure("\(extent) does not cover byte \(offset) of \(inode)")
        }
        if case .cluster(let cluster) = extent.source {
            guard cluster.encodedLength > 0, cluster.encodedLength <= CompressionConfiguration.maximumEncodedLength * 2,
                cluster.decodedLength <= CompressionConfiguration.maximumDecodedLength
            else { preconditionFailure("\(extent) is larger than a cluster may be") }
        }
        return extent
    }

    private func directory(_ inode: Inode) throws -> Directory? {
        do { return try image.directory(inode) } catch ImageError.needsContent {
            guard let content = try reader.content(of: inode) else { return nil }
            return Directory(inode, content: .copying(content), blockBits: image.superblock.blockBits)
        }
    }

    private mutating func visitNames(of inode: Inode) throws -> [NodeID] {
        guard let directory = try directory(inode) else { return [] }
        var found: [(name: [UInt8], nid: NodeID)] = []
        attempt { _ in
            try directory.forEachEntry(from: 0) { entry in
                found.append((Array(entry.name), entry.nid))
                return found.count < 1000
            }
        }
        steps += found.count
        for (name, _) in found.prefix(50) {
            attempt { _ in _ = try name.withUnsafeBytes { key in try directory.lookup(key)?.nid } }
        }
        return found.map(\.nid)
    }
}

extension BoundedWalk {
    /// Opens `bytes` as an image, in both ways to find devices, and walks it.
    ///
    /// - Returns: The steps that the walks took; 0 for an image that cannot be opened.
    @discardableResult
    package static func run(_ bytes: [UInt8], limit: Int = 20_000, decode: ContentReader.Decode? = nil) -> Int {
        var steps = 0
        for isFlat in [false, true] {
            guard let image = try? Image(.copying(bytes), isFlat: isFlat) else { continue }
            var walk = BoundedWalk(image, limit: limit, decode: decode)
            walk.run()
            steps += walk.steps
        }
        return steps
    }
}
