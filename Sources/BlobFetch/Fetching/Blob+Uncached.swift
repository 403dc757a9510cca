// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Fscache
import Primitives

// Bytes for which the cache has no room: served from memory, and stored as soon as there is room.
extension Blob {
    /// Whether bytes are kept in memory because the cache had no room for them.
    package var hasUncached: Bool { uncached.oldest != nil }

    /// Puts fetched bytes into the cache, or keeps them beside it when that is full.
    func keep(_ bytes: UnsafeRawBufferPointer, _ range: Range<UInt64>) {
        do throws(CacheError) {
            try cookie.store(bytes, at: range.lowerBound)
            uncached.cacheHasRoom()
        } catch {
            // Whatever is wrong with the cache's disk, the bytes are here, and a reader waits for them.
            if uncached.keep(bytes, at: range.lowerBound) { report(.uncached(blob: name, error)) }
        }
    }

    /// Reads bytes that are kept in memory; 0 when the first of them is not.
    func readUncached(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64, inode: UInt64) -> Int {
        let count = uncached.read(into: buffer, at: offset)
        guard count > 0 else { return 0 }
        cookie.tellUncached(offset..<offset + UInt64(count), inode: inode)
        // Now and then somebody has made room; the disk is not this thread's to wait for.
        if uncached.isTimeToTry() {
            peers.add { [self] _ in
                storeUncached()
                return true
            }
        }
        return count
    }

    /// Stores what is kept in memory, until the cache takes no more.
    private func storeUncached() {
        while let unit = uncached.oldest {
            let isStored = unit.bytes.withUnsafeBytes { (try? cookie.store($0, at: unit.start)) != nil }
            guard isStored else { return }
            uncached.drop(unit.start)
            uncached.cacheHasRoom()
        }
        checkIfWhole()
    }
}
