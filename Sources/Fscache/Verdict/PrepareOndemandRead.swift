// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// A read that is being prepared: the kernel's parameters of `prepare_ondemand_read`.
public struct OndemandRead: Equatable, Sendable {
    /// The offset in the cookie, in bytes.
    public var start: UInt64
    /// Wanted bytes; the verdict may shorten it to where the state changes.
    public var length: UInt64
    /// The end of the logical file.
    public var fileSize: UInt64
    /// In and out, see `OndemandFlags`.
    public var flags: OndemandFlags

    /// A read of `length` bytes at `start`.
    public init(start: UInt64, length: UInt64, fileSize: UInt64 = .max, flags: OndemandFlags = .ondemand) {
        self.start = start
        self.length = length
        self.fileSize = fileSize
        self.flags = flags
    }
}

/// What the filler made of a request for a range.
public enum FillOutcome: Equatable, Sendable {
    /// It says that it is done; whether the bytes are there the map tells.
    case completed
    /// It failed, is gone, or nobody waits any more.
    case failed
}

/// Gives the verdict on a read (`cachefiles_do_prepare_read` of the kernel), step by step as that does.
///
/// - Parameters:
///   - read: The wanted range; shortened to what the verdict is about, its flags changed as the kernel changes them.
///   - map: Which bytes are present; nil when the cookie has no backing file.
///   - blockSize: The granule that lengths are rounded to.
///   - hasNoData: Whether the cookie is marked as having nothing to read.
///   - fill: Asked at most once, for a range with a hole at its start, when the flags say `ondemand`.
public func prepareOndemandRead(
    _ read: inout OndemandRead, over map: (some PresenceMap)?, blockSize: UInt64, hasNoData: Bool = false,
    fill: (_ start: UInt64, _ length: UInt64) -> FillOutcome
) -> (verdict: Verdict, reason: VerdictReason) {
    guard read.start < read.fileSize else { return (.fillWithZeroes, .afterEnd) }
    if hasNoData {
        read.flags.insert(.copyToCache)
        if !read.flags.contains(.ondemand) { return (.downloadFromServer, .noData) }
    }
    guard let map else { return (.downloadFromServer, .noFile) }
    while true {
        let miss: VerdictReason
        do {
            guard let reason = try missReason(&read, map, blockSize) else { return (.readFromCache, .haveData) }
            miss = reason
        } catch {
            return (.downloadFromServer, .seekError)
        }
        read.flags.insert(.copyToCache)
        guard read.flags.contains(.ondemand) else { return (.downloadFromServer, miss) }
        guard fill(read.start, read.length) == .completed else { return (.invalidRead, miss) }
        read.flags.remove(.ondemand)
    }
}

/// Shortens a read to the present or missing run at its start.
///
/// - Returns: Why it is a miss; nil when its start is present.
private func missReason(
    _ read: inout OndemandRead, _ map: some PresenceMap, _ blockSize: UInt64
) throws(PresenceMapError) -> VerdictReason? {
    let (end, overflow) = read.start.addingReportingOverflow(read.length)
    let wantedEnd = overflow ? .max : end
    guard let data = try map.firstData(from: read.start) else { return .seekENXIO }
    if data >= wantedEnd { return .foundHole }
    if data > read.start {
        read.length = roundedUp(data, to: blockSize) - read.start
        return .foundPart
    }
    let hole = try map.firstHole(from: read.start)
    guard hole < wantedEnd else { return nil }
    let boundary = wantedEnd >= read.fileSize ? roundedUp(hole, to: blockSize) : hole / blockSize * blockSize
    read.length = boundary > read.start ? boundary - read.start : 0
    return nil
}

private func roundedUp(_ value: UInt64, to unit: UInt64) -> UInt64 {
    let (sum, overflow) = value.addingReportingOverflow(unit - 1)
    return overflow ? .max / unit * unit : sum / unit * unit
}
