// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives

// Verification of the object as a whole: what is noted of it, and what becomes of one that is wrong.
extension Cookie {
    /// Whether the whole blob is in the cache.
    public var isWhole: Bool {
        map.readable.first(false, from: 0, below: map.readable.count) == map.readable.count
    }

    /// Changes whenever bytes are taken out of the cache.
    package var removals: UInt64 { map.generation }

    /// Says that the object is the blob itself, byte by byte, so that a digest in its name is the object's.
    package func noteIsBlobItself() { map.isBlobItself = true }

    /// Whether the whole object was found right, and nothing was taken out of it since.
    package var isVerified: Bool { map.verifiedGeneration == map.generation &+ 1 }

    /// Notes that the whole object is right, as it was when ``removals`` had this value.
    package func noteVerified(removals: UInt64) { map.verifiedGeneration = removals &+ 1 }

    /// Puts a copy of the object aside, and takes all of it out of the cache.
    ///
    /// A copy, because other processes may have the object open: through the map they notice at once that its bytes are
    /// gone, while a renamed file would go on being read and filled. Where the disk has no room for a copy there is none.
    ///
    /// - Returns: The path of the copy, `quarantine/I<volume>/D<object>` in the cache directory; nil if there is none.
    package func quarantine() throws(CacheError) -> String? {
        let copy = Quarantine(of: path)?.copy(file, bytes: Int(clamping: size))
        try discard(0..<size)
        return copy
    }
}
