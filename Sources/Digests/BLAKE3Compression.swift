// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// A word of BLAKE3's state: one 32-bit number, or that number of several inputs side by side.
protocol BLAKE3Word {
    /// The sum modulo 2 to the 32nd.
    static func &+ (left: Self, right: Self) -> Self
    /// The exclusive or.
    static func ^ (left: Self, right: Self) -> Self
    /// The bits turned to the right by `count`, 1 to 31.
    func turned(_ count: UInt32) -> Self
}

extension UInt32: BLAKE3Word {
    @inline(__always) func turned(_ count: UInt32) -> UInt32 { (self &>> count) | (self &<< (32 &- count)) }
}

extension SIMD4: BLAKE3Word where Scalar == UInt32 {
    /// Written with a product in place of the left shift: from two shifts the compiler makes a rotation, takes the vector
    /// apart to do it, and is four times as slow; this form stays two vector shifts.
    @inline(__always) func turned(_ count: UInt32) -> SIMD4<UInt32> {
        (self &>> SIMD4(repeating: count)) &+ (self &* SIMD4(repeating: 1 &<< (32 &- count)))
    }
}

/// The sixteen words of a message block, in the order of the current round.
struct BLAKE3Message<Word: BLAKE3Word> {
    /// The words.
    var m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15: Word

    /// Takes word after word.
    @inline(__always) init(word: (Int) -> Word) {
        (m0, m1, m2, m3) = (word(0), word(1), word(2), word(3))
        (m4, m5, m6, m7) = (word(4), word(5), word(6), word(7))
        (m8, m9, m10, m11) = (word(8), word(9), word(10), word(11))
        (m12, m13, m14, m15) = (word(12), word(13), word(14), word(15))
    }

    /// Brings the words into the order of the next round; after inlining it costs nothing.
    @inline(__always) mutating func permute() {
        let old = self
        (m0, m1, m2, m3) = (old.m2, old.m6, old.m3, old.m10)
        (m4, m5, m6, m7) = (old.m7, old.m0, old.m4, old.m13)
        (m8, m9, m10, m11) = (old.m1, old.m11, old.m12, old.m5)
        (m12, m13, m14, m15) = (old.m9, old.m14, old.m15, old.m8)
    }
}

/// The sixteen words that BLAKE3's seven rounds mix.
struct BLAKE3State<Word: BLAKE3Word> {
    /// The words.
    var v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15: Word

    @inline(__always)
    private static func mix(_ a: inout Word, _ b: inout Word, _ c: inout Word, _ d: inout Word, _ x: Word, _ y: Word) {
        a = a &+ b &+ x
        d = (d ^ a).turned(16)
        c = c &+ d
        b = (b ^ c).turned(12)
        a = a &+ b &+ y
        d = (d ^ a).turned(8)
        c = c &+ d
        b = (b ^ c).turned(7)
    }

    @inline(__always) private mutating func round(_ m: BLAKE3Message<Word>) {
        Self.mix(&v0, &v4, &v8, &v12, m.m0, m.m1)
        Self.mix(&v1, &v5, &v9, &v13, m.m2, m.m3)
        Self.mix(&v2, &v6, &v10, &v14, m.m4, m.m5)
        Self.mix(&v3, &v7, &v11, &v15, m.m6, m.m7)
        Self.mix(&v0, &v5, &v10, &v15, m.m8, m.m9)
        Self.mix(&v1, &v6, &v11, &v12, m.m10, m.m11)
        Self.mix(&v2, &v7, &v8, &v13, m.m12, m.m13)
        Self.mix(&v3, &v4, &v9, &v14, m.m14, m.m15)
    }

    /// The seven rounds; the new chaining value is then `v0 ^ v8` to `v7 ^ v15`.
    @inline(__always) mutating func compress(_ message: BLAKE3Message<Word>) {
        var message = message
        round(message)
        message.permute()
        round(message)
        message.permute()
        round(message)
        message.permute()
        round(message)
        message.permute()
        round(message)
        message.permute()
        round(message)
        message.permute()
        round(message)
    }
}
