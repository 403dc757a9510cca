// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// One chunk of a BLAKE3 message, at most 1024 bytes, compressed block by block as it comes.
struct BLAKE3Chunk: Sendable {
    /// The chunk's number.
    let counter: UInt64
    private var chaining = BLAKE3Constants.initial
    private var block = SIMD16<UInt32>.zero
    private var blockCount = 0
    private var blocksDone = 0

    /// An empty chunk.
    init(counter: UInt64) { self.counter = counter }

    /// Bytes taken so far.
    var count: Int { blocksDone * BLAKE3Constants.blockLength + blockCount }
    /// Whether nothing was taken.
    var isEmpty: Bool { count == 0 }
    /// Whether nothing more fits.
    var isFull: Bool { count == BLAKE3Constants.chunkLength }
    /// How many more bytes the chunk takes.
    var room: Int { BLAKE3Constants.chunkLength - count }

    /// Adds at most ``room`` bytes.
    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        while !rest.isEmpty {
            if blockCount == BLAKE3Constants.blockLength { finishBlock() }
            let count = min(rest.count, BLAKE3Constants.blockLength - blockCount)
            withUnsafeMutableBytes(of: &block) { raw in
                UnsafeMutableRawBufferPointer(rebasing: raw[blockCount...]).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: rest.prefix(count)))
            }
            blockCount += count
            rest = rest.dropFirst(count)
        }
    }

    /// The chunk's last block, not yet compressed.
    var lastBlock: BLAKE3Block { pending(flags: BLAKE3Constants.chunkEnd) }

    private mutating func finishBlock() {
        chaining = pending(flags: 0).compressed()
        block = .zero
        blockCount = 0
        blocksDone += 1
    }

    private func pending(flags: UInt32) -> BLAKE3Block {
        BLAKE3Block(
            chaining: chaining, words: block, counter: counter, length: UInt32(blockCount),
            flags: flags | (blocksDone == 0 ? BLAKE3Constants.chunkStart : 0))
    }
}
