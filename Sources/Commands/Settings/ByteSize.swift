// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// A number of bytes as people write it: `4096`, `64K`, `16MiB`, `1G`.
struct ByteSize: Equatable, Sendable, CustomStringConvertible {
    let bytes: UInt64

    init(bytes: UInt64) { self.bytes = bytes }

    /// Reads digits and an optional binary unit; nil for anything else, and beyond 64 bits.
    init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = UInt64(digits) else { return nil }
        let units = ["": 0, "B": 0, "K": 10, "M": 20, "G": 30, "T": 40]
        var unit = text.dropFirst(digits.count).uppercased()
        if unit.hasSuffix("IB") { unit.removeLast(2) }
        guard let shift = units[unit] else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
        guard !overflow else { return nil }
        bytes = product
    }

    /// With one decimal and a binary unit from 10 KiB on.
    var description: String {
        var tenths = bytes
        guard tenths >= 10 << 10 else { return "\(bytes) B" }
        var unit = 0
        while tenths >= 1 << 20, unit < 3 {
            tenths >>= 10
            unit += 1
        }
        let value = (tenths * 10 + 512) / 1024
        return "\(value / 10).\(value % 10) \(["KiB", "MiB", "GiB", "TiB"][unit])"
    }
}
