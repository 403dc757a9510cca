// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The constants of BLAKE3.
enum BLAKE3Constants {
    /// Bytes of a block.
    static let blockLength = 64
    /// Bytes of a chunk, a leaf of the tree.
    static let chunkLength = 1024

    /// Flag of a chunk's first block.
    static let chunkStart: UInt32 = 1
    /// Flag of a chunk's last block.
    static let chunkEnd: UInt32 = 2
    /// Flag of a node with two children.
    static let parent: UInt32 = 4
    /// Flag of the last compression of all.
    static let root: UInt32 = 8

    /// The chaining value that a chunk, a parent and the root start from.
    @inline(__always) static var initial: SIMD8<UInt32> {
        SIMD8(
            0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19)
    }
}

/// One block waiting to be compressed, with everything that goes into it.
///
/// A node of the tree is kept in this form until it is known whether it is the root.
struct BLAKE3Block: Sendable {
    /// What the block is mixed into.
    var chaining: SIMD8<UInt32>
    /// The message, padded with zeroes.
    var words: SIMD16<UInt32>
    /// The chunk's number; 0 for a parent.
    var counter: UInt64
    /// Bytes of the message in the block.
    var length: UInt32
    /// Flags, without that of the root.
    var flags: UInt32

    /// The parent of two nodes.
    static func parent(_ left: SIMD8<UInt32>, _ right: SIMD8<UInt32>) -> BLAKE3Block {
        BLAKE3Block(
            chaining: BLAKE3Constants.initial, words: SIMD16(lowHalf: left, highHalf: right), counter: 0,
            length: UInt32(BLAKE3Constants.blockLength), flags: BLAKE3Constants.parent)
    }

    /// The chaining value that this block gives with `extra` flags added.
    func compressed(_ extra: UInt32 = 0) -> SIMD8<UInt32> {
        let initial = BLAKE3Constants.initial
        var state = BLAKE3State<UInt32>(
            v0: chaining[0], v1: chaining[1], v2: chaining[2], v3: chaining[3], v4: chaining[4], v5: chaining[5],
            v6: chaining[6], v7: chaining[7], v8: initial[0], v9: initial[1], v10: initial[2], v11: initial[3],
            v12: UInt32(truncatingIfNeeded: counter), v13: UInt32(truncatingIfNeeded: counter >> 32), v14: length,
            v15: flags | extra)
        state.compress(BLAKE3Message { words[$0] })
        return SIMD8(
            state.v0 ^ state.v8, state.v1 ^ state.v9, state.v2 ^ state.v10, state.v3 ^ state.v11, state.v4 ^ state.v12,
            state.v5 ^ state.v13, state.v6 ^ state.v14, state.v7 ^ state.v15)
    }
}
