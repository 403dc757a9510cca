// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Decides whether the serving thread itself may wait for the local disk.
///
/// Handing a read to a worker and waking up for the next request take as long as a fast disk needs for a small read. So while
/// nobody else asks, or another thread is there to answer, the serving thread reads it by itself; but only where the disk has
/// answered quickly so far, because meanwhile everybody else might wait as well.
final class DiskPatience: @unchecked Sendable {
    // Safe to share: only the thread of its seat touches it.

    /// Larger reads go to the workers, who read ahead as well; bytes.
    static let largest = SequentialReaders.windows.lowerBound
    /// A disk that takes longer on average is slow; nanoseconds.
    static let longest: UInt64 = 1_000_000
    /// A read counts in the average of the last eight with so much at most: a single one may wait for something else.
    private static let outlier: UInt64 = 16_000_000
    /// With a slow disk so many go to the workers before the next trial, the more the more often that happens.
    static let rest: ClosedRange<Int> = 64...16384

    private var average: UInt64 = 0
    private var resting = 0
    private var nextRest = DiskPatience.rest.lowerBound

    /// Whether to wait for a read of `count` bytes; one that may not is counted as gone to the workers.
    func mayWait(for count: Int) -> Bool {
        guard resting == 0 else {
            resting -= 1
            return false
        }
        return count < DiskPatience.largest
    }

    /// A read has taken so long.
    func waited(nanoseconds: UInt64) {
        average = average - average / 8 + min(nanoseconds, DiskPatience.outlier) / 8
        guard average > DiskPatience.longest else {
            nextRest = max(DiskPatience.rest.lowerBound, nextRest - 1)
            return
        }
        average = 0
        resting = nextRest
        nextRest = min(nextRest * 2, DiskPatience.rest.upperBound)
    }
}
