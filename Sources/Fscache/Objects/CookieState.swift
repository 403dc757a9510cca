// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The states of a cookie that somebody can see (`enum fscache_cookie_state`); the raw values are the kernel's letters.
///
/// Others of the kernel's states do not last here: a cookie that exists has its object, and goes with its last user.
public enum CookieState: String, Sendable {
    /// The object is there, and can be read and filled.
    case active = "A"
    /// The object was wrong as a whole, and is fetched anew.
    case invalidating = "I"
    /// Nothing is fetched any more, because the sources have another blob than the name says.
    case failed = "F"
}

/// What is known of a cookie (`FSCACHE_COOKIE_*`), with the kernel's bit numbers.
public struct CookieFlags: OptionSet, Sendable {
    /// The kernel's bits.
    public let rawValue: UInt16

    /// Takes the kernel's bits.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// It is being cached.
    public static let isCaching = CookieFlags(rawValue: 1 << 2)
    /// Nothing of it can be read.
    public static let noDataToRead = CookieFlags(rawValue: 1 << 3)
    /// Some of it can be read.
    public static let haveData = CookieFlags(rawValue: 1 << 13)
    /// It can be found by its key.
    public static let isHashed = CookieFlags(rawValue: 1 << 14)
}

extension Cookie {
    /// What is known of the cookie at this moment.
    public var flags: CookieFlags {
        [.isCaching, .isHashed, presentBytes > 0 ? .haveData : .noDataToRead]
    }
}
