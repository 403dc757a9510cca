// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// What to do about a range of a cookie (`enum netfs_io_source` of the kernel).
public enum Verdict: String, Equatable, Sendable {
    /// The range lies behind the end of the file.
    case fillWithZeroes = "ZERO"
    /// The range is not in the cache.
    case downloadFromServer = "DOWN"
    /// The range, maybe shortened, is in the cache.
    case readFromCache = "READ"
    /// The range could not be fetched.
    case invalidRead = "INVL"
}

/// Why a verdict was given (`enum cachefiles_prepare_read_trace`); the raw values are the kernel's words.
public enum VerdictReason: String, Equatable, Sendable {
    /// The range lies behind the end of the file.
    case afterEnd = "after-eof"
    /// The cookie has no data at all.
    case noData = "no-data"
    /// The cookie has no backing file.
    case noFile = "no-file"
    /// No data follows anywhere.
    case seekENXIO = "seek-enxio"
    /// The map cannot be read.
    case seekError = "seek-error"
    /// The whole range is a hole.
    case foundHole = "found-hole"
    /// The range begins with a hole.
    case foundPart = "found-part"
    /// Data begins with the range.
    case haveData = "have-data"
    /// The range was fetched, but the cache's disk is full; not one of the kernel's words.
    case noSpace = "no-space"
}

/// The flags of a prepared read (`NETFS_SREQ_*`), with the kernel's bit numbers.
public struct OndemandFlags: OptionSet, Sendable {
    /// The kernel's bits.
    public let rawValue: UInt8

    /// Takes the kernel's bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A hole was met: what is downloaded is worth keeping.
    public static let copyToCache = OndemandFlags(rawValue: 1 << 0)
    /// On a hole the filler is asked, once.
    public static let ondemand = OndemandFlags(rawValue: 1 << 5)
}
