// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ImageReader
import Primitives

/// Keeps down how much of a mapped image counts as the server's memory.
///
/// The pages are page cache, which the kernel takes back by itself; but they are shown with the process, and a limit on its
/// memory counts them. Touching a page that was let go costs a soft page fault, as long as the page cache has it.
final class MappedPagesLimit: @unchecked Sendable {
    // Safe to share: only the serving thread touches it.

    /// Mapped bytes above which all pages of the image are let go; the program itself is some 15 MiB of it.
    static let most = 26 << 20
    /// Requests between two looks: each can touch a few pages, which come with their neighbours, 64 KiB at once.
    static let interval = 128

    private var left = MappedPagesLimit.interval

    /// Counts a request; true when it is time to look, which is for another thread.
    @inline(__always) func isDue() -> Bool {
        left -= 1
        guard left == 0 else { return false }
        left = MappedPagesLimit.interval
        return true
    }

    /// Lets the pages go when there are too many; runs on a worker.
    static func keep(_ reader: ImageReader) {
        if MappedMemory.bytes > most { reader.releaseMappedPages() }
    }
}
