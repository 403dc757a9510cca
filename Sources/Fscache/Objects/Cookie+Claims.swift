// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives

// Claims: who fetches a missing range, so that it is fetched once, whoever shares the cache directory.
extension Cookie {
    /// Claims the granules that `range` touches, so that nobody else fetches them meanwhile.
    ///
    /// A claim excludes other claimants of this process as well as of others; it ends with the process at the latest.
    /// It says nothing about reading: bytes can be read as soon as they are stored. Never waits. On a file system
    /// without locks only claimants of this process are excluded.
    ///
    /// - Returns: False when somebody else has claimed a part of the range. Otherwise look again whether bytes are
    ///   missing: whoever had the claim before may have stored them. Give the claim back with ``release(_:)``.
    public func claim(_ range: Range<UInt64>) -> Bool {
        let granules = touchedGranules(range)
        guard !granules.isEmpty else { return true }
        return claims.withLock { claims in
            guard !claims.contains(where: { $0.overlaps(granules) }), map.tryLock(granules) else { return false }
            claims.append(granules)
            return true
        }
    }

    /// Gives a claim back; `range` is what was claimed.
    public func release(_ range: Range<UInt64>) {
        let granules = touchedGranules(range)
        claims.withLock { claims in
            guard let index = claims.firstIndex(of: granules) else { return }
            claims.remove(at: index)
            map.unlock(granules)
        }
    }

    /// Says to other openers that the object is in use, and, if that is wanted, that what is used is to stay.
    ///
    /// To be called with the fan-out directory locked. Both end with the cookie.
    func hold() {
        _ = map.share(.use)
        guard budget.pins else { return }
        // Who comes later is content with what the first one pinned.
        if map.take(.pin) { map.pinnedSince = budget.ledger.clock }
        _ = map.share(.pin)
    }

    /// The granules that have a part of `range`.
    func touchedGranules(_ range: Range<UInt64>) -> Range<Int> {
        let range = range.clamped(to: 0..<size)
        guard !range.isEmpty else { return 0..<0 }
        return Int(range.lowerBound / MapFile.granule)..<Int((range.upperBound - 1) / MapFile.granule) + 1
    }
}
