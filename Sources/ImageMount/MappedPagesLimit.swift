// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// When to look how much of a mapped image counts as the server's memory, and how much may.
///
/// The pages are page cache, which the kernel takes back by itself; but they are shown with the process, and a limit on its
/// memory counts them. Touching a page that was let go costs a soft page fault, as long as the page cache has it.
///
/// For one thread that serves.
final class MappedPagesLimit: Sendable {
    /// Mapped bytes above which all pages of the image are let go; the program itself is some 15 MiB of it.
    static let most = 22 << 20
    /// Requests between two looks: each can touch a few pages, which come with their neighbours, 64 KiB at once.
    static let interval = 512

    private let interval: Int
    /// Atomic only because a variable of a class would be checked at run time at every request.
    private let left: Atomic<Int>

    /// - Parameter seats: Threads that serve, each of which counts for itself; mostly two of them are busy.
    init(seats: Int = 1) {
        interval = seats > 1 ? MappedPagesLimit.interval / 2 : MappedPagesLimit.interval
        left = Atomic(interval)
    }

    /// Counts a request; true when it is time to look, which is for another thread.
    @inline(__always) func isDue() -> Bool {
        let rest = left.load(ordering: .relaxed) - 1
        left.store(rest == 0 ? interval : rest, ordering: .relaxed)
        return rest == 0
    }
}
