// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import Primitives

// Bytes that are here, for a file of its own: the blocks are shared, and none is copied.
extension Cookie {
    /// Whether no range is ever shared.
    package var sharesNothing: Bool { !budget.limits.isEmpty }

    /// Whether the whole of a range could be shared.
    package func checkSharing(_ range: Range<UInt64>) throws(CookieShareError) {
        guard !sharesNothing else { throw .cacheHasLimit }
        guard refusal == nil, isPresent(range) else { throw .missing }
    }

    /// Lets `target` have the blocks of a range from `offset` on.
    ///
    /// They stay with `target` whatever becomes of the object, so a cache with a limit gives none away: it could not get them
    /// back.
    ///
    /// - Parameter range: From the start of a granule to the end of one, or of the blob.
    /// - Throws: `.missing` when a part of the range is not there.
    package func share(
        _ range: Range<UInt64>, with target: Descriptor, at offset: UInt64
    ) throws(CookieShareError) {
        let generation = map.generation
        try checkSharing(range)
        do throws(SystemError) { try target.share(range, of: file, at: offset) } catch { throw .system(error) }
        // Who has a limit may use the same directory.
        guard map.generation == generation else { throw .missing }
    }
}

/// Why a cookie shares nothing.
package enum CookieShareError: Error, Equatable, Sendable {
    /// A part of the range is not in the cache.
    case missing
    /// What is in the cache may have to go.
    case cacheHasLimit
    /// The file system did not share the blocks.
    case system(SystemError)
}
