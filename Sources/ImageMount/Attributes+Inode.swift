// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import FUSE

extension Attributes {
    /// What the kernel is told of an inode.
    @inline(__always)
    init(_ inode: Inode, in image: Image) {
        self.init()
        inodeNumber = image.inodeNumber(inode.nid)
        size = inode.size
        sectors = inode.sectorCount(blockBits: image.superblock.blockBits)
        seconds = inode.modificationSeconds
        // A damaged image may have more than a second here, which the kernel would refuse.
        nanoseconds = min(inode.modificationNanoseconds, 999_999_999)
        mode = UInt32(inode.mode)
        links = inode.linkCount
        userID = inode.userID
        groupID = inode.groupID
        device = inode.deviceNumber
        blockSize = UInt32(image.superblock.blockSize)
    }
}
