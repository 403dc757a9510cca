// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

extension Array {
    /// Adds a range behind the others; one that begins where the last one ends makes that longer.
    package mutating func appendJoined<Bound: Comparable>(_ range: Range<Bound>) where Element == Range<Bound> {
        if let last, last.upperBound == range.lowerBound {
            self[count - 1] = last.lowerBound..<range.upperBound
        } else {
            append(range)
        }
    }
}
