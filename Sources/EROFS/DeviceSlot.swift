// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// An entry of the device table: one device besides the primary.
///
/// | offset | size | field |
/// | --- | --- | --- |
/// | 0 | 64 | tag |
/// | 64 | 4 | blocks, low |
/// | 68 | 4 | unified address, low |
/// | 72 | 2 | blocks, high |
/// | 74 | 2 | unified address, high |
package struct DeviceSlot: Equatable, Sendable {
    static let length = 128

    /// The tag without padding: often the digest of the blob, else empty; not necessarily text.
    package let tag: [UInt8]
    /// Blocks of the device.
    package let blockCount: UInt64
    /// The device's first block in the unified address space; 0 if it has no place there.
    package let unifiedBlock: UInt64

    /// Reads a slot; the high halves count only in images with wide addresses.
    init(_ record: Record, isWide: Bool) {
        tag = [UInt8](record.bytes(at: 0, count: 64).prefix { $0 != 0 })
        blockCount = UInt64(record.u32(64)) | (isWide ? UInt64(record.u16(72)) << 32 : 0)
        unifiedBlock = UInt64(record.u32(68)) | (isWide ? UInt64(record.u16(74)) << 32 : 0)
    }
}
