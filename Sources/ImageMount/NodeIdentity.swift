// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS

/// The kernel's node numbers and the image's inode numbers, one made of the other without a table.
///
/// FUSE fixes the root's node at 1 and keeps 0 for "no inode"; every other node is the nid plus one. So the kernel may
/// forget inodes without telling, and nothing has to be kept for those it remembers.
struct NodeIdentity: Sendable {
    /// The root's node number.
    static let rootNode: UInt64 = 1

    private let root: NodeID

    init(root: NodeID) { self.root = root }

    /// The node of an inode; 0 for the one number that has none.
    @inline(__always) func node(_ nid: NodeID) -> UInt64 { nid == root ? NodeIdentity.rootNode : nid.rawValue &+ 1 }

    /// The inode of a node.
    @inline(__always) func nid(_ node: UInt64) -> NodeID {
        node == NodeIdentity.rootNode ? root : NodeID(rawValue: node &- 1)
    }
}
