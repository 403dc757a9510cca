// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// BLAKE3 (plain hash, 256 bits), over bytes that come in pieces.
///
/// The message is a binary tree over chunks of 1024 bytes. Complete subtrees of sixteen chunks are hashed with four chunks
/// side by side; what is left goes chunk by chunk. The last chunk is kept back until it is known that more follows,
/// because the root of the tree is compressed with a flag of its own.
package struct BLAKE3: Sendable {
    private static let subtreeChunks = 16

    /// The chaining values of finished subtrees, largest first: one for each set bit of the number of chunks.
    private var stack: [SIMD8<UInt32>] = []
    private var chunk = BLAKE3Chunk(counter: 0)

    /// Starts an empty hash.
    package init() {}

    /// Adds the next bytes.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        while !rest.isEmpty {
            if chunk.isFull {
                push(chunk.lastBlock.compressed(), chunks: 1)
                chunk = BLAKE3Chunk(counter: chunk.counter &+ 1)
            }
            let subtree = Self.subtreeChunks * BLAKE3Constants.chunkLength
            if chunk.isEmpty, chunk.counter % UInt64(Self.subtreeChunks) == 0, rest.count > subtree {
                hashSubtree(UnsafeRawBufferPointer(rebasing: rest.prefix(subtree)))
                rest = rest.dropFirst(subtree)
            } else {
                let count = min(rest.count, chunk.room)
                chunk.update(UnsafeRawBufferPointer(rebasing: rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
        }
    }

    /// The digest of everything that was added.
    package func finish() -> Digest {
        var node = chunk.lastBlock
        for left in stack.reversed() { node = .parent(left, node.compressed()) }
        return Digest(.blake3, words: node.compressed(BLAKE3Constants.root))
    }

    /// Hashes sixteen whole chunks that are certainly not the end of the message.
    private mutating func hashSubtree(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        let counter = chunk.counter
        let value = withUnsafeTemporaryAllocation(byteCount: 16 * Digest.byteCount, alignment: 32) { scratch in
            guard let nodes = scratch.baseAddress else { return SIMD8<UInt32>.zero }
            for group in 0..<4 {
                BLAKE3Lanes.hashChunks(
                    base + group * 4 * BLAKE3Constants.chunkLength, counter: counter &+ UInt64(group * 4),
                    to: nodes + group * 4 * Digest.byteCount)
            }
            BLAKE3Lanes.hashParents(nodes, to: nodes)
            BLAKE3Lanes.hashParents(nodes + 8 * Digest.byteCount, to: nodes + 4 * Digest.byteCount)
            BLAKE3Lanes.hashParents(nodes, to: nodes)
            return Self.top(UnsafeRawPointer(nodes))
        }
        push(value, chunks: UInt64(Self.subtreeChunks))
        chunk = BLAKE3Chunk(counter: counter &+ UInt64(Self.subtreeChunks))
    }

    /// The root of the four nodes at `nodes`.
    private static func top(_ nodes: UnsafeRawPointer) -> SIMD8<UInt32> {
        func node(_ index: Int) -> SIMD8<UInt32> {
            nodes.loadUnaligned(fromByteOffset: index * Digest.byteCount, as: SIMD8<UInt32>.self)
        }
        let left = BLAKE3Block.parent(node(0), node(1)).compressed()
        return BLAKE3Block.parent(left, BLAKE3Block.parent(node(2), node(3)).compressed()).compressed()
    }

    /// Adds a finished subtree of `chunks` chunks (a power of two), and joins all pairs of equal size.
    private mutating func push(_ value: SIMD8<UInt32>, chunks: UInt64) {
        var value = value
        var total = (chunk.counter &+ chunks) / chunks
        while total & 1 == 0, let left = stack.popLast() {
            value = BLAKE3Block.parent(left, value).compressed()
            total >>= 1
        }
        stack.append(value)
    }
}
