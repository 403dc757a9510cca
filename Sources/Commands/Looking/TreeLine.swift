// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS

/// One inode of a tree, as `inspect --tree` shows it.
struct TreeLine: Encodable {
    var path: String
    var nid: UInt64
    var type: String
    var mode: String
    var owner: UInt32
    var group: UInt32
    var links: UInt32
    var size: UInt64
    var modified: String
    /// Where a symbolic link leads, if that can be read without a device.
    var target: String?

    init(_ path: String, _ inode: Inode, target: String?) {
        self.path = path
        self.target = target
        nid = inode.nid.rawValue
        type = "\(inode.type)"
        mode = inode.permissions
        owner = inode.userID
        group = inode.groupID
        links = inode.linkCount
        size = inode.size
        modified = inode.modificationTime
    }

    /// The line for people.
    var line: String {
        let arrow = target.map { " -> \($0.printable)" } ?? ""
        return "\(type) \(mode) \(owner):\(group) \(links) \(size) \(modified) nid \(nid) \(path.printable)\(arrow)\n"
    }
}
