// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The value of a `Content-Range` field.
package struct ContentRange: Equatable, Sendable {
    /// The bytes that follow; nil in the form `bytes */N`.
    package let range: Range<UInt64>?
    /// The size of the whole; nil when the server writes `*`.
    package let total: UInt64?

    /// Reads `bytes A-B/N`, `bytes A-B/*` or `bytes */N`.
    package init?(_ text: String?) {
        guard let text, text.lowercased().hasPrefix("bytes") else { return nil }
        let parts = text.dropFirst(5).filter { $0 != " " && $0 != "=" }.split(
            separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let total = Self.number(parts[1])
        guard total != nil || parts[1] == "*" else { return nil }
        self.total = total
        if parts[0] == "*" {
            range = nil
            return
        }
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = Self.number(ends[0]), let last = Self.number(ends[1]), first <= last,
            last < .max, total.map({ last < $0 }) ?? true
        else { return nil }
        range = first..<last + 1
    }

    private static func number(_ text: some StringProtocol) -> UInt64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return UInt64(text)
    }
}
