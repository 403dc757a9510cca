// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The hash that chooses an object's fan-out directory; a value on disk (`fscache_hash` of the kernel).
package enum KeyHash {
    /// The hash of a volume key.
    package static func volume(_ key: [UInt8]) -> UInt32 {
        hash([UInt8(truncatingIfNeeded: key.count)] + key + [0], salt: 0)
    }

    /// The hash of a cookie key in the volume with hash `volume`.
    package static func cookie(_ key: [UInt8], volume: UInt32) -> UInt32 { hash(key, salt: volume) }

    /// The name of the fan-out directory for a cookie hash.
    package static func directory(_ hash: UInt32) -> String {
        let digits = String(hash & 0xFF, radix: 16)
        return "@" + (digits.utf8.count == 1 ? "0" : "") + digits
    }

    private static func hash(_ bytes: [UInt8], salt: UInt32) -> UInt32 {
        var x: UInt32 = 0
        var y = salt
        for start in stride(from: 0, to: bytes.count, by: 4) {
            var word: UInt32 = 0
            for index in 0..<4 where start + index < bytes.count { word |= UInt32(bytes[start + index]) << (8 * index) }
            x ^= word
            y ^= x
            x = (x << 7 | x >> 25) &+ y
            y = (y << 20 | y >> 12) &* 9
        }
        let golden: UInt32 = 0x61C8_8647
        return golden &* (y ^ golden &* x)
    }
}
