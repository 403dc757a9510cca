// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// What a RAFS bootstrap's EROFS device slot says of a blob (128 bytes).
struct DeviceSlotTag {
    /// The only place of the table: slot number 11, directly behind the superblocks.
    static let slot: UInt16 = 11
    /// Bytes of a slot.
    static let byteCount = 128

    /// The blob id, without trailing NULs; it may fill the field.
    let tag: [UInt8]
    /// The blob's plain size in blocks.
    let blocks: UInt64

    /// Reads slot `index` of the table in `bytes`; nil when it does not lie inside.
    init?(_ bytes: [UInt8], index: Int) {
        guard let record = Fields(bytes, at: index * Self.byteCount, count: Self.byteCount) else { return nil }
        tag = BlobEntry.trimmed(record.bytes(0..<64))
        blocks = UInt64(record.u32(64)) | UInt64(record.u16(72)) << 32
    }
}
