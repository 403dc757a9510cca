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
        let copy = copyAside()
        try discard(0..<size)
        return copy
    }

    private func copyAside() -> String? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count > 4 else { return nil }
        let directory = parts.dropLast(4).joined(separator: "/") + "/quarantine/" + parts[parts.count - 3]
        guard (try? makeDirectory(directory)) != nil else { return nil }
        let copy = directory + "/" + parts[parts.count - 1]
        guard let target = try? Descriptor.open(copy, O_WRONLY | O_CREAT | O_TRUNC) else { return nil }
        guard copyBytes(to: target) else {
            unlink(copy)
            return nil
        }
        return copy
    }

    private func copyBytes(to target: Descriptor) -> Bool {
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        var offset = 0
        while offset < size {
            let count = pread(file.raw, &piece, min(piece.count, Int(size) - offset), offset)
            guard count > 0, pwrite(target.raw, piece, count, offset) == count else { return false }
            offset += count
        }
        return true
    }
}
