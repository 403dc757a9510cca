// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// A run of user or group ids of an image, and the ids that they are shown as.
package struct IDRange: Equatable, Sendable {
    /// The first id in the image.
    package let first: UInt32
    /// What the first id is shown as.
    package let target: UInt32
    /// How many ids; at least one.
    package let count: UInt32

    /// Nil when the range is empty, or reaches 4294967295, which stands for "no id", on either side.
    package init?(first: UInt32, target: UInt32, count: UInt32) {
        let room = UInt64(UInt32.max)
        guard count > 0, UInt64(first) + UInt64(count) <= room, UInt64(target) + UInt64(count) <= room else {
            return nil
        }
        self.first = first
        self.target = target
        self.count = count
    }

    /// Reads `FROM:TO:COUNT`, as /proc/PID/uid_map and the container tools have it; nil for anything else.
    package init?(_ text: String) {
        let numbers = text.split(separator: ":", omittingEmptySubsequences: false).map { UInt32($0) }
        guard numbers.count == 3, let first = numbers[0], let target = numbers[1], let count = numbers[2] else {
            return nil
        }
        self.init(first: first, target: target, count: count)
    }
}

/// Ranges that do not overlap in the image.
package struct IDRanges: Equatable, Sendable {
    /// The id of those that no range holds: the kernel's overflow id.
    package static let overflow: UInt32 = 65_534
    /// Ranges at most, as in a user namespace.
    package static let limit = 340

    /// In the order of their first ids.
    private var sorted: [IDRange] = []

    package init() {}

    /// Whether every id stays as it is.
    package var isEmpty: Bool { sorted.isEmpty }

    /// Adds a range.
    ///
    /// - Returns: False when it overlaps another one, or there are too many.
    package mutating func add(_ range: IDRange) -> Bool {
        let place = sorted.firstIndex { $0.first > range.first } ?? sorted.count
        guard sorted.count < IDRanges.limit else { return false }
        if place > 0, range.first - sorted[place - 1].first < sorted[place - 1].count { return false }
        if place < sorted.count, sorted[place].first - range.first < range.count { return false }
        sorted.insert(range, at: place)
        return true
    }

    /// What an id of the image is shown as; itself when there are no ranges.
    package func mapped(_ id: UInt32) -> UInt32 {
        if sorted.isEmpty { return id }
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle].first <= id { low = middle + 1 } else { high = middle }
        }
        guard low > 0, id - sorted[low - 1].first < sorted[low - 1].count else { return IDRanges.overflow }
        return sorted[low - 1].target + (id - sorted[low - 1].first)
    }
}
