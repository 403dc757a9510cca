// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// What the kernel is told of an inode (`struct fuse_attr`, 88 bytes).
package struct Attributes: Equatable, Sendable {
    /// st_ino.
    package var inodeNumber: UInt64 = 0
    /// Bytes of content.
    package var size: UInt64 = 0
    /// Units of 512 bytes.
    package var sectors: UInt64 = 0
    /// Seconds since 1970, of all three times.
    package var seconds: Int64 = 0
    /// Nanoseconds of the times, below a second.
    package var nanoseconds: UInt32 = 0
    /// Type and permission bits.
    package var mode: UInt32 = 0
    /// Hard links.
    package var links: UInt32 = 0
    /// The owner.
    package var userID: UInt32 = 0
    /// The owner's group.
    package var groupID: UInt32 = 0
    /// The device number in the kernel's encoding: minor bits 0-7, major bits 8-19, minor bits 20-31.
    package var device: UInt32 = 0
    /// The preferred size of reads, in bytes.
    package var blockSize: UInt32 = 4096

    package init() {}

    /// Fills the 88 bytes of a `struct fuse_attr`.
    @inline(__always) func store(to record: WireRecord) {
        record.store(inodeNumber, at: 0)
        record.store(size, at: 8)
        record.store(sectors, at: 16)
        for time in 0..<3 {
            record.store(UInt64(bitPattern: seconds), at: 24 + 8 * time)
            record.store(nanoseconds, at: 48 + 4 * time)
        }
        record.store(mode, at: 60)
        record.store(links, at: 64)
        record.store(userID, at: 68)
        record.store(groupID, at: 72)
        record.store(device, at: 76)
        record.store(blockSize, at: 80)
        record.store(UInt32(0), at: 84)
    }
}
