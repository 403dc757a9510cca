// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS

/// How inode numbers of the image and of the FUSE protocol stand for each other.
///
/// The protocol wants 1 for the root, and 0 means "none". So a nid is known to the kernel as nid + 1, and the root trades
/// places with the nid that would be 1. Nothing needs to be remembered, and so nothing to be forgotten. Where several images
/// share a mount, each has a base that is added to its numbers.
struct NodeNumbers: Equatable, Sendable {
    /// The protocol's number of the root.
    static let root: UInt64 = 1

    private let rootNode: UInt64
    private let base: UInt64

    init(root: NodeID, base: UInt64 = 0) {
        rootNode = root.rawValue &+ 1
        self.base = base
    }

    /// The protocol's number of an inode; 0 for the one nid that no image can hold.
    @inline(__always) func node(of nid: NodeID) -> UInt64 { base &+ swapped(nid.rawValue &+ 1) }

    /// The inode that the kernel means by a number.
    @inline(__always) func nid(of node: UInt64) -> NodeID { NodeID(rawValue: swapped(node &- base) &- 1) }

    /// What stat(2) shows for an inode that has the number `inode` in the image.
    @inline(__always) func shown(_ inode: UInt64) -> UInt64 { base &+ inode }

    @inline(__always) private func swapped(_ node: UInt64) -> UInt64 {
        if node == rootNode { return NodeNumbers.root }
        return node == NodeNumbers.root ? rootNode : node
    }
}
