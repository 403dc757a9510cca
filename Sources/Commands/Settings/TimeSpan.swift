// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// A length of time as people write it: `500ms`, `20s`, `2m`, `1h`; seconds without a unit.
struct TimeSpan: Equatable, Sendable {
    let milliseconds: UInt64

    /// Reads digits and an optional unit; nil for anything else, and beyond 64 bits.
    init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let units: [Substring: UInt64] = ["ms": 1, "": 1000, "s": 1000, "m": 60_000, "h": 3_600_000]
        guard let number = UInt64(digits), let unit = units[text.dropFirst(digits.count)] else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        milliseconds = product
    }
}
