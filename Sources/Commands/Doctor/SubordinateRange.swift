// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// A user's entry in /etc/subuid or /etc/subgid: `NAME:FIRST:COUNT`.
struct SubordinateRange: Equatable, Sendable {
    /// The first id.
    let first: UInt32
    /// How many ids.
    let count: UInt32

    /// The user's largest range in the text of such a file; nil when there is none.
    static func largest(of name: String, _ user: UInt32, in text: String) -> SubordinateRange? {
        let ranges = text.split(separator: "\n").compactMap { line -> SubordinateRange? in
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count == 3, fields[0] == name || fields[0] == "\(user)", let first = UInt32(fields[1]),
                let count = UInt32(fields[2])
            else { return nil }
            return SubordinateRange(first: first, count: count)
        }
        return ranges.max { $0.count < $1.count }
    }
}
