// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import EROFS
import ImageReader

/// What a RAFS image wants to be fetched ahead: the files that its prefetch table names, and those below the directories.
struct TablePlan: Sendable {
    let reader: ImageReader
    /// The table, in the user's order.
    let nids: [UInt64]

    /// The parts of blobs that the files lie in, each file once; waits for metadata that must be fetched.
    ///
    /// What cannot be read is left out: whoever reads it later is told why.
    var touches: [Touch] {
        var seen: Set<NodeID> = []
        var touches: [Touch] = []
        for nid in nids {
            let named = try? reader.settling { () throws(ReadError) in
                try reader.inode(NodeID(rawValue: nid))
            }
            guard let named, !seen.contains(named.nid) else { continue }
            TreeWalk(reader: reader).forEach(from: named, at: "/") { _, result in
                guard case .success(let inode) = result, seen.insert(inode.nid).inserted else { return }
                touches += content(of: inode)
            }
        }
        return touches
    }

    private func content(of inode: Inode) -> [Touch] {
        guard inode.type == .regular,
            let extents = try? ImagePath(reader: reader).extents(of: inode, 0..<inode.size)
        else { return [] }
        return extents.compactMap { extent in
            guard let (device, range) = extent.stored(0..<inode.size), device < reader.devices.devices.count,
                case .blob(let blob) = reader.devices.devices[device]
            else { return nil }
            return Touch(blob: blob.name, range: range)
        }
    }
}
