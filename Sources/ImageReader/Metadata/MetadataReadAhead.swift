// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import Glibc
import Primitives
import Synchronization

/// Decides how much of a mapped image is read from the disk when its metadata is touched.
///
/// A page fault alone would bring all of what the disk reads ahead at once, up to 16 MiB around a page; metadata lies
/// scattered between the files' data. So the touch of a window that nobody touched before brings just this window, and the more
/// of the following ones, the more of those before it were touched. Any number of threads may touch windows at once.
final class MetadataReadAhead: @unchecked Sendable {
    // Safe to share: the marks are atomic; two threads that touch a window at once at worst both ask for it.

    /// Windows that are asked for at once at most: 1 MiB.
    static let most: UInt64 = 32

    let seen: SeenWindows
    private let marks: UnsafeMutableRawPointer
    private let length: Int
    private let windows: UInt64

    /// For an image of `count` bytes; takes memory only for the marks of what is touched.
    ///
    /// - Returns: Nil when there is no address space for the marks.
    init?(count: Int) {
        windows = UInt64(max(count, 1) - 1) >> SeenWindows.windowBits + 1
        length = Int(windows)
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard let memory = mmap(nil, length, PROT_READ | PROT_WRITE, flags, -1, 0), memory != MAP_FAILED else {
            return nil
        }
        marks = memory
        seen = SeenWindows(memory.assumingMemoryBound(to: Atomic<UInt8>.self))
    }

    deinit { munmap(marks, length) }

    /// Forgets what was touched: its pages may be on the disk alone again.
    func forget() { madvise(marks, length, MADV_DONTNEED) }

    /// Notes that bytes of the image are about to be touched.
    ///
    /// - Parameter read: Gets the bytes that should be in memory soon; the last may be behind the image's end.
    func touch(_ offset: UInt64, _ count: Int, read: (Range<UInt64>) -> Void) {
        guard count > 0 else { return }
        let last = min(SeenWindows.window(of: offset &+ UInt64(count) &- 1), windows - 1)
        for window in SeenWindows.window(of: offset)...last {
            guard let plan = touch(window) else { continue }
            let bits = SeenWindows.windowBits
            read(plan.lowerBound << bits..<plan.upperBound << bits)
        }
    }

    /// The windows to ask for now that this one is touched; nil when it was before.
    private func touch(_ window: UInt64) -> Range<UInt64>? {
        let mark = seen[window]
        if case .seen = mark { return nil }
        seen[window] = .seen
        let before = known(in: (0..<window).suffix(Int(MetadataReadAhead.most)).reversed())
        // An awaited window is there, or on its way: now those behind the known ones are wanted.
        let first = if case .awaited = mark { window + known(in: window..<windows) } else { window }
        let end = min(first + min(before + 1, MetadataReadAhead.most), windows)
        var next = first
        while next < end, next == window || isUnknown(next) { next += 1 }
        guard next > first else { return nil }
        for asked in first..<next where asked != window { seen[asked] = .seen }
        // The reader who comes to the midst of them is one that goes on.
        let midst = first + (next - first) / 2
        if midst > window { seen[midst] = .awaited }
        return first..<next
    }

    private func isUnknown(_ window: UInt64) -> Bool { if case .unknown = seen[window] { true } else { false } }

    /// The windows that were touched or asked for, up to the first that was not; as far as it is worth looking.
    private func known(in windows: some Sequence<UInt64>) -> UInt64 {
        UInt64(windows.prefix(Int(MetadataReadAhead.most)).prefix { !isUnknown($0) }.count)
    }
}
