// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// How many entries may keep the memory of a large reply for the next one.
///
/// Every entry has room for the largest read, and in the course of time each gets one. Giving the memory back costs a page fault
/// for each page of the next large reply, so a few keep it: those that were the first to have one, as the kernel takes the
/// entry first that came back last.
final class LargeReplies: Sendable {
    /// Bytes of payload that any entry keeps.
    static let size = 128 << 10
    /// Entries of a mount that keep more.
    static let most = 10

    private let left = Atomic<Int>(LargeReplies.most)

    /// Whether one more entry may keep its memory, for ever.
    func mayKeep() -> Bool {
        guard left.load(ordering: .relaxed) > 0 else { return false }
        return left.wrappingSubtract(1, ordering: .relaxed).oldValue > 0
    }
}
