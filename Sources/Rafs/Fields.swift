// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// A structure of fixed size within bytes that were copied from an image or a blob; little-endian.
///
/// Unlike EROFS's `Record`, which looks at an image's memory in place on the way of every read, it keeps alive what it looks
/// at, and checks each load again: tables are read once, and most of them come from a blob. A load outside yields zero,
/// which no caller relies on.
struct Fields {
    private let bytes: ArraySlice<UInt8>

    /// A view of `count` bytes at `offset` of `bytes`.
    ///
    /// - Returns: Nil when they do not lie inside.
    init?(_ bytes: [UInt8], at offset: Int, count: Int) {
        guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else { return nil }
        self.bytes = bytes[offset..<offset + count]
    }

    /// The byte at `offset`.
    func u8(_ offset: Int) -> UInt8 { load(offset, as: UInt8.self) }
    /// The 16-bit integer at `offset`.
    func u16(_ offset: Int) -> UInt16 { load(offset, as: UInt16.self) }
    /// The 32-bit integer at `offset`.
    func u32(_ offset: Int) -> UInt32 { load(offset, as: UInt32.self) }
    /// The 64-bit integer at `offset`.
    func u64(_ offset: Int) -> UInt64 { load(offset, as: UInt64.self) }

    /// The bytes `range` of the structure; none when they lie outside.
    func bytes(_ range: Range<Int>) -> [UInt8] {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else { return [] }
        return Array(bytes[bytes.startIndex + range.lowerBound..<bytes.startIndex + range.upperBound])
    }

    private func load<Value: FixedWidthInteger>(_ offset: Int, as type: Value.Type) -> Value {
        guard offset >= 0, offset <= bytes.count - MemoryLayout<Value>.size else { return 0 }
        return bytes.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: type)) }
    }
}

extension UInt64 {
    /// The next multiple of `unit` (a power of two), or nil past 2^64.
    func roundedUp(to unit: UInt64) -> UInt64? {
        let (sum, overflow) = addingReportingOverflow(unit &- 1)
        return overflow ? nil : sum & ~(unit &- 1)
    }

    /// Whether `[self, self + count)` ends at or before `limit`.
    func fits(_ count: UInt64, within limit: UInt64) -> Bool {
        self <= limit && count <= limit - self
    }
}
