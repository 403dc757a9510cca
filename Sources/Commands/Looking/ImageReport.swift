// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS

/// The facts of an image's superblock and device table.
struct ImageReport: Encodable {
    struct Device: Encodable {
        var id: Int
        var tag: String
        var blocks: UInt64
        var firstUnifiedBlock: UInt64
    }

    var image: String
    var volumeName: String
    var blockSize: Int
    var blocks: UInt64
    var inodes: UInt64
    var rootNid: UInt64
    var metadataBlock: UInt32
    var checksum: String
    var compatibleFeatures: String
    var incompatibleFeatures: String
    var packedNid: UInt64?
    var metaboxNid: UInt64?
    var devices: [Device]
    /// What a RAFS image has beyond that.
    var rafs: RafsReport?

    init(_ name: String, _ image: Image, _ rafs: RafsReport?) {
        self.rafs = rafs
        let superblock = image.superblock
        self.image = name
        volumeName = String(decoding: superblock.volumeName.prefix { $0 != 0 }, as: UTF8.self)
        blockSize = superblock.blockSize
        blocks = superblock.blockCount
        inodes = superblock.inodeCount
        rootNid = superblock.root.rawValue
        metadataBlock = superblock.metadataBlock
        checksum = "0x" + String(superblock.checksum, radix: 16)
        compatibleFeatures = "0x" + String(superblock.compatible.rawValue, radix: 16)
        incompatibleFeatures = "0x" + String(superblock.incompatible.rawValue, radix: 16)
        packedNid = superblock.packedInode?.rawValue
        metaboxNid = superblock.metaboxInode?.rawValue
        devices = image.devices.enumerated().map { index, slot in
            Device(
                id: index + 1, tag: String(decoding: slot.tag, as: UTF8.self), blocks: slot.blockCount,
                firstUnifiedBlock: slot.unifiedBlock)
        }
    }

    /// The report for people.
    var lines: String {
        var result = """
            image            \(image)\(volumeName.isEmpty ? "" : ", '\(volumeName.printable)'")
            blocks           \(blocks) of \(blockSize) bytes, metadata from block \(metadataBlock)
            inodes           \(inodes), root is nid \(rootNid)
            checksum         \(checksum)
            features         compatible \(compatibleFeatures), incompatible \(incompatibleFeatures)

            """
        if let packedNid { result += "packed inode     nid \(packedNid)\n" }
        if let metaboxNid { result += "metabox inode    nid \(metaboxNid)\n" }
        for device in devices {
            let tag = device.tag.isEmpty ? "no tag" : device.tag.printable
            result += "device \(device.id)         \(tag), \(device.blocks) blocks"
            result += device.firstUnifiedBlock == 0 ? "\n" : " from block \(device.firstUnifiedBlock)\n"
        }
        return result + (rafs?.lines ?? "")
    }
}
