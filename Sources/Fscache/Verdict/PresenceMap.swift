// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
package import Primitives

/// Tells which bytes of a cookie are in the cache.
public protocol PresenceMap {
    /// The first present byte at or after `offset`; nil when there is none (ENXIO of SEEK_DATA).
    func firstData(from offset: UInt64) throws(PresenceMapError) -> UInt64?

    /// The first missing byte at or after `offset`, which is present; the map's end at the latest.
    func firstHole(from offset: UInt64) throws(PresenceMapError) -> UInt64
}

/// A presence map that cannot be read.
public struct PresenceMapError: Error, Equatable, Sendable {
    /// The error number of the system call.
    public let code: Int32

    /// An error of the system call that reads the map.
    public init(code: Int32) { self.code = code }
}

/// The holes of a sparse file, as the kernel's cachefiles takes them for the truth.
package struct HoleMap: PresenceMap {
    private let descriptor: Descriptor

    /// Looks at the holes of an open file.
    package init(_ descriptor: Descriptor) { self.descriptor = descriptor }

    package func firstData(from offset: UInt64) throws(PresenceMapError) -> UInt64? {
        let found = lseek(descriptor.raw, Int(clamping: offset), clinux_seek_data)
        if found >= 0 { return UInt64(found) }
        if errno == ENXIO { return nil }
        throw PresenceMapError(code: errno)
    }

    package func firstHole(from offset: UInt64) throws(PresenceMapError) -> UInt64 {
        let found = lseek(descriptor.raw, Int(clamping: offset), clinux_seek_hole)
        guard found >= 0 else { throw PresenceMapError(code: errno) }
        return UInt64(found)
    }
}
