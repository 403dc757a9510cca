// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
package import Primitives

/// Why the cache cannot do something.
public enum CacheError: Error, Equatable, Sendable {
    /// A system call on a file of the cache failed.
    case system(call: String, path: String, code: Int32)
    /// A key that no object or volume may have.
    case badKey(String, reason: String)
    /// The cache has reached a limit, and nothing can be taken out of it.
    case noRoom(String)
    /// Somebody has the object open.
    case inUse(String)
    /// The cached object has another size or identity than the blob now.
    case stale(String)
}

extension CacheError: CustomStringConvertible {
    /// The error as a sentence.
    public var description: String {
        switch self {
        case .system(let call, let path, let code): "\(path): \(call): \(SystemError.text(for: code))"
        case .badKey(let key, let reason): "'\(key)' cannot name a cached object: \(reason)"
        case .noRoom(let directory): "\(directory): the cache has reached its limit, and all in it is needed"
        case .inUse(let path): "\(path): is in use"
        case .stale(let key): "the cached object '\(key)' belongs to another blob of that name"
        }
    }

    /// Whether the disk has no room, or the user may take no more of it.
    package var isFullDisk: Bool {
        if case .system(_, _, let code) = self { code == ENOSPC || code == EDQUOT } else { false }
    }

    package init(_ error: SystemError) { self = .system(call: error.call, path: error.object, code: error.code) }
}

/// Why a read of a cookie gave no bytes.
public enum CookieReadError: Error, Equatable, Sendable {
    /// The bytes at the start of the range are not in the cache: this many, from its start.
    case missing(Range<UInt64>)
    /// The read would have to wait for the disk.
    case wouldBlock
    /// The backing file cannot be read.
    case system(code: Int32)
}
