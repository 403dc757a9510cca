// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import Synchronization

/// The owner of an image's bytes that hears when windows of it are read for the first time.
package protocol FirstTouchListener: AnyObject, Sendable {
    /// Bytes of the image file are about to be read, and not all of them lie in windows that were seen before.
    ///
    /// Called by any thread, which reads them afterwards.
    func willRead(offset: UInt64, count: Int)
}

/// The windows of an image that may be touched without asking anybody: a byte for each, so that to find out costs a load.
///
/// The marks belong to somebody else, who keeps them as long as the image's bytes. Any number of threads may use them at once.
package struct SeenWindows: @unchecked Sendable {
    // Safe to share: the marks are atomic.

    /// What is known of a window; its raw value is the window's mark.
    package enum Mark: UInt8 {
        /// Nobody has touched it yet.
        case unknown = 0
        /// It may be touched.
        case seen
        /// It may be touched, but its first touch is to be told.
        case awaited
    }

    /// The binary logarithm of a window's bytes: 32 KiB take a quick disk about as long as to begin.
    package static let windowBits: UInt64 = 15
    // The only field: the runs of an image's bytes have it along, and are copied at every request.
    private let marks: UnsafeMutablePointer<Atomic<UInt8>>

    /// - Parameter marks: A byte for each begun window of the image, 0 at first.
    package init(_ marks: UnsafeMutablePointer<Atomic<UInt8>>) { self.marks = marks }

    /// The window that has a byte of the image.
    @inline(__always)
    package static func window(of offset: UInt64) -> UInt64 { offset >> windowBits }

    /// Whether all windows that `count` bytes at `offset` touch are seen; the caller has checked that the image has these
    /// bytes.
    @inline(__always)
    package func has(_ offset: UInt64, _ count: Int) -> Bool {
        let first = SeenWindows.window(of: offset)
        let last = SeenWindows.window(of: offset &+ UInt64(truncatingIfNeeded: count) &- 1)
        return first == last && isSeen(first) || hasSeveral(offset, count)
    }

    @inline(never)
    private func hasSeveral(_ offset: UInt64, _ count: Int) -> Bool {
        guard count > 0 else { return true }
        let last = SeenWindows.window(of: offset &+ UInt64(truncatingIfNeeded: count) &- 1)
        return (SeenWindows.window(of: offset)...last).allSatisfy(isSeen)
    }

    @inline(__always)
    private func isSeen(_ window: UInt64) -> Bool {
        marks[Int(truncatingIfNeeded: window)].load(ordering: .relaxed) == Mark.seen.rawValue
    }

    /// The mark of a window of the image.
    package subscript(window: UInt64) -> Mark {
        get { Mark(rawValue: marks[Int(truncatingIfNeeded: window)].load(ordering: .relaxed)) ?? .unknown }
        nonmutating set { marks[Int(truncatingIfNeeded: window)].store(newValue.rawValue, ordering: .relaxed) }
    }
}
