// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Four nodes of the tree compressed side by side, one in each lane of the vectors.
struct BLAKE3Lanes {
    /// The same word of four nodes.
    typealias Lanes = SIMD4<UInt32>

    /// Word `i` of the chaining values of the four nodes.
    private var h0, h1, h2, h3, h4, h5, h6, h7: Lanes

    private init() {
        let initial = BLAKE3Constants.initial
        (h0, h1, h2, h3) = (
            Lanes(repeating: initial[0]), Lanes(repeating: initial[1]), Lanes(repeating: initial[2]),
            Lanes(repeating: initial[3])
        )
        (h4, h5, h6, h7) = (
            Lanes(repeating: initial[4]), Lanes(repeating: initial[5]), Lanes(repeating: initial[6]),
            Lanes(repeating: initial[7])
        )
    }

    /// Hashes four consecutive chunks, 4096 bytes at `base`, the first of which has the number `counter`.
    ///
    /// Writes the four chaining values, 128 bytes, to `output`, which need not be aligned.
    static func hashChunks(_ base: UnsafeRawPointer, counter: UInt64, to output: UnsafeMutableRawPointer) {
        var lanes = BLAKE3Lanes()
        let low = Lanes(
            UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter &+ 1),
            UInt32(truncatingIfNeeded: counter &+ 2), UInt32(truncatingIfNeeded: counter &+ 3))
        let high = Lanes(
            UInt32(truncatingIfNeeded: counter >> 32), UInt32(truncatingIfNeeded: (counter &+ 1) >> 32),
            UInt32(truncatingIfNeeded: (counter &+ 2) >> 32), UInt32(truncatingIfNeeded: (counter &+ 3) >> 32))
        for block in 0..<16 {
            var flags: UInt32 = 0
            if block == 0 { flags |= BLAKE3Constants.chunkStart }
            if block == 15 { flags |= BLAKE3Constants.chunkEnd }
            lanes.compress(base + block * 64, stride: BLAKE3Constants.chunkLength, low: low, high: high, flags: flags)
        }
        lanes.store(to: output)
    }

    /// Hashes the four parents whose eight children lie as chaining values, 256 bytes, at `base`.
    ///
    /// `output` may be `base`.
    static func hashParents(_ base: UnsafeRawPointer, to output: UnsafeMutableRawPointer) {
        var lanes = BLAKE3Lanes()
        lanes.compress(
            base, stride: BLAKE3Constants.blockLength, low: .zero, high: .zero, flags: BLAKE3Constants.parent)
        lanes.store(to: output)
    }

    @inline(__always)
    private mutating func compress(_ base: UnsafeRawPointer, stride: Int, low: Lanes, high: Lanes, flags: UInt32) {
        let initial = BLAKE3Constants.initial
        var state = BLAKE3State<Lanes>(
            v0: h0, v1: h1, v2: h2, v3: h3, v4: h4, v5: h5, v6: h6, v7: h7, v8: Lanes(repeating: initial[0]),
            v9: Lanes(repeating: initial[1]), v10: Lanes(repeating: initial[2]), v11: Lanes(repeating: initial[3]),
            v12: low, v13: high, v14: Lanes(repeating: UInt32(BLAKE3Constants.blockLength)),
            v15: Lanes(repeating: flags))
        state.compress(
            BLAKE3Message { word in
                let place = base + word * 4
                return Lanes(
                    place.loadUnaligned(as: UInt32.self), (place + stride).loadUnaligned(as: UInt32.self),
                    (place + 2 * stride).loadUnaligned(as: UInt32.self),
                    (place + 3 * stride).loadUnaligned(as: UInt32.self))
            })
        (h0, h1, h2, h3) = (state.v0 ^ state.v8, state.v1 ^ state.v9, state.v2 ^ state.v10, state.v3 ^ state.v11)
        (h4, h5, h6, h7) = (state.v4 ^ state.v12, state.v5 ^ state.v13, state.v6 ^ state.v14, state.v7 ^ state.v15)
    }

    private func store(to output: UnsafeMutableRawPointer) {
        for lane in 0..<4 {
            let chaining = SIMD8(h0[lane], h1[lane], h2[lane], h3[lane], h4[lane], h5[lane], h6[lane], h7[lane])
            (output + lane * Digest.byteCount).storeBytes(of: chaining, as: SIMD8<UInt32>.self)
        }
    }
}
