// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

extension Image {
    /// The extent that covers byte `offset` of a compressed inode; `offset` lies within the content.
    func compressedExtent(of inode: Inode, at offset: UInt64) throws(ImageError) -> Extent {
        throw .unsupported(.inode(inode.nid), field: "layout", value: UInt64(inode.layout.rawValue))
    }
}
