// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import Primitives

/// What a cluster decodes to, in memory of its own.
final class DecodedCluster: @unchecked Sendable {
    // Safe to share: its maker fills it before anybody else sees it; `isRecent` and `pages` belong to the cache's lock.
    let cluster: EncodedCluster
    /// The decoded bytes.
    let memory: UnsafeMutableRawBufferPointer
    /// Whether it was asked for since the cache last looked for something to give up.
    var isRecent = false
    /// What ``memory`` lies in.
    private var pages: MemoryPages?

    /// Takes memory for `cluster`, not yet filled.
    ///
    /// - Parameter pages: Of a cluster that nobody uses any more; they must have room.
    init(_ cluster: EncodedCluster, in pages: MemoryPages? = nil) {
        let pages = pages ?? MemoryPages(atLeast: cluster.decodedLength)
        self.cluster = cluster
        self.pages = pages
        memory = UnsafeMutableRawBufferPointer(rebasing: pages.bytes[..<cluster.decodedLength])
    }

    /// Bytes of memory that it takes.
    var size: Int { pages?.bytes.count ?? 0 }

    /// Gives up its memory, which nobody may use any more.
    func takePages() -> MemoryPages? {
        defer { pages = nil }
        return pages
    }

    /// Copies the bytes from `skip` on that fill `target`, which lie inside the cluster.
    func copy(from skip: Int, to target: UnsafeMutableRawBufferPointer) {
        // Whoever is the last to use it gives its memory to another cluster.
        withExtendedLifetime(self) {
            target.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[skip..<skip + target.count]))
        }
    }
}
