// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS

/// What a cluster decodes to, in memory of its own.
final class DecodedCluster: @unchecked Sendable {
    // Safe to share: its maker fills it before anybody else sees it, and `isRecent` belongs to the cache's lock.
    let cluster: EncodedCluster
    let memory: UnsafeMutableRawBufferPointer
    /// Whether it was asked for since the cache last looked for something to give up.
    var isRecent = false

    /// Takes memory for `cluster`, not yet filled.
    init(_ cluster: EncodedCluster) {
        self.cluster = cluster
        memory = .allocate(byteCount: cluster.decodedLength, alignment: 16)
    }

    deinit { memory.deallocate() }

    /// Copies the bytes from `skip` on that fill `target`, which lie inside the cluster.
    func copy(from skip: Int, to target: UnsafeMutableRawBufferPointer) {
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[skip..<skip + target.count]))
    }
}
