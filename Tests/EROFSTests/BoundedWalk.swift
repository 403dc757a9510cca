// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

@testable import EROFS

/// Visits all that can be reached in an image, as far as a number of steps allows, and takes every error for an answer.
///
/// What it finds is of no interest: it shows that nothing traps, hangs or reads outside the image.
struct BoundedWalk {
    let image: Image
    private(set) var steps = 0
    private(set) var errors = 0
    private let limit: Int
    private var visited: Set<UInt64> = []

    /// A walk of `image` that gives up after `limit` steps.
    init(_ image: Image, limit: Int = 20_000) {
        self.image = image
        self.limit = limit
    }

    /// Visits everything, from the root and the inodes that the superblock names.
    mutating func run() {
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
        do { try body(&self) } catch { errors += 1 }
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
            attempt { walk in
                _ = try name.withUnsafeBytes { key in try attributes.value(named: key)?.count }
            }
        }
        _ = try attributes.contentDigest()
    }

    /// Steps through the extents from the start, and looks at the end.
    private mutating func visitContent(of inode: Inode) throws {
        var offset: UInt64 = 0
        for _ in 0..<64 where offset < inode.size && inode.hasContent {
            steps += 1
            let extent = try image.extent(of: inode, at: offset)
            guard extent.start <= offset, extent.end > offset, extent.end <= inode.size else {
                preconditionFailure("extent \(extent) does not cover \(offset) of \(inode)")
            }
            if case .inline(let place) = extent.source { _ = try image.bytes(at: place, count: Int(extent.length)) }
            offset = extent.end
        }
        if inode.size > 0 { _ = try image.extent(of: inode, at: inode.size - 1) }
    }

    private mutating func visitNames(of inode: Inode) throws -> [NodeID] {
        let directory = try image.directory(inode)
        var found: [(name: [UInt8], nid: NodeID)] = []
        defer { steps += found.count }
        do {
            try directory.forEachEntry(from: 0) { entry in
                found.append((Array(entry.name), entry.nid))
                return found.count < 1000
            }
        } catch { errors += 1 }
        for (name, _) in found.prefix(50) {
            _ = try? name.withUnsafeBytes { key in try directory.lookup(key)?.nid }
        }
        return found.map(\.nid)
    }
}
