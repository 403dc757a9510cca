// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// A cookie's bitmap as the map of a verdict: the truth, where the kernel has only the holes.
package struct BitmapMap: PresenceMap {
    private let bits: PresenceBitmap

    /// Looks at the granules of `bits`.
    package init(_ bits: PresenceBitmap) { self.bits = bits }

    package func firstData(from offset: UInt64) -> UInt64? {
        let granule = Int(clamping: offset / MapFile.granule)
        let found = bits.first(true, from: granule, below: bits.count)
        return found < bits.count ? max(offset, UInt64(found) * MapFile.granule) : nil
    }

    package func firstHole(from offset: UInt64) -> UInt64 {
        let granule = Int(clamping: offset / MapFile.granule)
        return max(offset, UInt64(bits.first(false, from: granule, below: bits.count)) * MapFile.granule)
    }
}
