// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// When each unit of a cookie was last used, in memory that other processes may share.
///
/// A unit is a run of granules: 16 KiB, or more in blobs beyond 4 GiB, so that the stamps stay small. A stamp is a tick of
/// the ledger's clock, and whether the unit was filled but not read since. The memory belongs to somebody else, who keeps it
/// alive. All operations are relaxed: a stamp that comes a moment late does no harm.
package struct AccessStamps: @unchecked Sendable {
    private let words: UnsafeMutablePointer<Atomic<UInt32>>
    /// Units.
    package let count: Int
    /// Granules of a unit are two to this power.
    private let shift: Int

    private static let smallestShift = 2
    private static let mostUnits = 1 << 18

    /// Granules of a unit, of a cookie of `count` granules, as a power of two.
    private static func shift(for count: Int) -> Int {
        var shift = smallestShift
        while count >> shift > mostUnits { shift += 1 }
        return shift
    }

    private static func units(for count: Int) -> Int {
        let shift = shift(for: count)
        return count >> shift + (count & (1 << shift - 1) == 0 ? 0 : 1)
    }

    /// Bytes of the stamps of a cookie of `count` granules.
    static func byteCount(for count: Int) -> Int { (units(for: count) * 4 + 7) / 8 * 8 }

    /// Takes memory of `byteCount(for: count)` bytes, aligned to 4.
    init(_ memory: UnsafeMutableRawPointer, granules count: Int) {
        words = memory.assumingMemoryBound(to: Atomic<UInt32>.self)
        self.count = AccessStamps.units(for: count)
        shift = AccessStamps.shift(for: count)
    }

    /// Notes a read of bytes, at least one, of the cookie.
    @inline(__always) func noteRead(_ offset: UInt64, count: Int, at clock: UInt32) {
        let bits = UInt64(shift) + 12
        let last = min(self.count - 1, Int(truncatingIfNeeded: (offset + UInt64(count) - 1) >> bits))
        var unit = Int(truncatingIfNeeded: offset >> bits)
        let stamp = clock << 1
        while unit <= last {
            // A store would make the page dirty and take it from other processors, so not for nothing.
            if words[unit].load(ordering: .relaxed) != stamp { words[unit].store(stamp, ordering: .relaxed) }
            unit += 1
        }
    }

    /// Notes that granules were filled, which nobody has read yet.
    func noteFill(_ granules: Range<Int>, at clock: UInt32) {
        guard !granules.isEmpty else { return }
        for unit in granules.lowerBound >> shift...min(count - 1, (granules.upperBound - 1) >> shift) {
            words[unit].store(clock << 1 | 1, ordering: .relaxed)
        }
    }

    /// The unit of a granule.
    func unit(of granule: Int) -> Int { granule >> shift }

    /// The granules of a unit; the last one's may end behind the cookie.
    func granules(of unit: Int) -> Range<Int> { unit << shift..<(unit + 1) << shift }

    /// Ticks since the unit was last used, and whether it was filled then and not read since.
    func age(of unit: Int, at clock: UInt32) -> (ticks: UInt32, isUnread: Bool) {
        let stamp = words[unit].load(ordering: .relaxed)
        let ticks = (clock &- stamp >> 1) & Ledger.clockMask
        // Used while the question was asked, or before a ledger that was lost.
        return (ticks > AccessStamps.future ? 0 : ticks, stamp & 1 != 0)
    }

    /// Ages beyond this stand for a little ahead of the clock.
    private static let future = Ledger.clockMask - (1 << 20)
}
