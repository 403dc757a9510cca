// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import FUSE

/// Whom the files of an image belong to in a mount.
package struct OwnerMap: Equatable, Sendable {
    /// Ids of users.
    package var users = IDRanges()
    /// Ids of groups.
    package var groups = IDRanges()
    /// Whether everything belongs to root, whatever the ranges say.
    package var squashesToRoot = false

    package init() {}

    /// Whether owners stay as they are in the image.
    package var isIdentity: Bool { users.isEmpty && groups.isEmpty && !squashesToRoot }

    /// The user that an image's user is shown as.
    package func user(_ id: UInt32) -> UInt32 { squashesToRoot ? 0 : users.mapped(id) }

    /// The group that an image's group is shown as.
    package func group(_ id: UInt32) -> UInt32 { squashesToRoot ? 0 : groups.mapped(id) }

    /// Changes the owner of a file.
    func apply(to attributes: inout Attributes) {
        attributes.userID = user(attributes.userID)
        attributes.groupID = group(attributes.groupID)
    }

    /// Changes the ids in an access control list: the value of `system.posix_acl_access` and its like (version 2 of
    /// `struct posix_acl_xattr_header`, then entries of tag, permissions and id).
    ///
    /// Other versions stay as they are; Linux refuses them.
    func apply(toList list: UnsafeMutableRawBufferPointer) {
        guard list.count >= 4, UInt32(littleEndian: list.loadUnaligned(as: UInt32.self)) == 2 else { return }
        for entry in stride(from: 4, through: list.count - 8, by: 8) {
            let tag = UInt16(littleEndian: list.loadUnaligned(fromByteOffset: entry, as: UInt16.self))
            let id = UInt32(littleEndian: list.loadUnaligned(fromByteOffset: entry + 4, as: UInt32.self))
            // ACL_USER and ACL_GROUP; all other entries have no id.
            let shown = tag == 2 ? user(id) : tag == 8 ? group(id) : id
            list.storeBytes(of: shown.littleEndian, toByteOffset: entry + 4, as: UInt32.self)
        }
    }
}
