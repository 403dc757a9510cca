// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The file name of a cookie's object, made of its key as the kernel's cachefiles does (`cachefiles_cook_key`).
package enum CookieName {
    /// What the names of objects begin with.
    package static let prefixes = Array("DEST".utf8)
    /// Whether a name in a fan-out directory is that of an object.
    static func isObject(_ name: String) -> Bool { name.utf8.first.map(prefixes.contains) == true }

    /// The longest key in bytes; longer ones make the kernel's name encoder fall over.
    package static let longestKey = 252

    /// The name for `key`, which has 1 to 252 bytes.
    package static func name(for key: [UInt8]) -> String {
        if key.allSatisfy({ (33...46).contains($0) || (48...127).contains($0) }) {
            return "D" + String(decoding: key, as: UTF8.self)
        }
        let base64 = base64Name(key)
        let big = hexadecimalName(key, prefix: "S") { word in word.reduce(0) { $0 << 8 | UInt32($1) } }
        let little = hexadecimalName(key, prefix: "T") { word in word.reversed().reduce(0) { $0 << 8 | UInt32($1) } }
        let shorter = big.utf8.count <= little.utf8.count ? big : little
        return shorter.utf8.count < base64.utf8.count ? shorter : base64
    }

    /// The key of which `name` is the name; nil for one of another kind, or whose key cannot be told for sure.
    package static func key(of name: String) -> [UInt8]? {
        let bytes = Array(name.utf8)
        switch bytes.first {
        case UInt8(ascii: "D"): return bytes.count > 1 ? Array(bytes.dropFirst()) : nil
        case UInt8(ascii: "E"):
            let key = base64Key(bytes.dropFirst())
            return key.flatMap { self.name(for: $0) == name ? $0 : nil }
        case UInt8(ascii: "S"), UInt8(ascii: "T"):
            let key = hexadecimalKey(name.dropFirst(), isBigEndian: bytes.first == UInt8(ascii: "S"))
            return key.flatMap { self.name(for: $0) == name ? $0 : nil }
        default: return nil
        }
    }

    private static func base64Key(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard let padding = text.first.map({ Int($0) - 48 }), 0...2 ~= padding, text.count % 4 == 1 else { return nil }
        var key: [UInt8] = []
        var bits: UInt32 = 0
        for (index, character) in text.dropFirst().enumerated() {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            bits |= UInt32(value) << (6 * UInt32(index % 4))
            guard index % 4 == 3 else { continue }
            key += (0..<3).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
            bits = 0
        }
        guard key.count >= padding else { return nil }
        key.removeLast(padding)
        return key.isEmpty ? nil : key
    }

    /// The key of a hexadecimal name; without zeroes at its end, of which the name does not tell how many there were: no
    /// name of a blob ends so.
    private static func hexadecimalKey(_ text: Substring, isBigEndian: Bool) -> [UInt8]? {
        var key: [UInt8] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard word.utf8.count <= 8, let value = word.isEmpty ? 0 : UInt32(word, radix: 16) else { return nil }
            for index in 0..<4 as Range<UInt32> {
                key.append(UInt8(truncatingIfNeeded: value >> (8 * (isBigEndian ? 3 - index : index))))
            }
        }
        while key.last == 0 { key.removeLast() }
        return key.isEmpty || key.count > longestKey ? nil : key
    }

    private static let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-".utf8)

    /// The key's 32-bit words in hexadecimal, zero words left out, with commas between.
    private static func hexadecimalName(
        _ key: [UInt8], prefix: String, _ value: (ArraySlice<UInt8>) -> UInt32
    ) -> String {
        let padded = key + [UInt8](repeating: 0, count: (4 - key.count % 4) % 4)
        let words = stride(from: 0, to: padded.count, by: 4).map { value(padded[$0..<$0 + 4]) }
        return prefix + words.map { $0 == 0 ? "" : String($0, radix: 16) }.joined(separator: ",")
    }

    /// Three bytes become four characters, least significant bits first; a digit before them tells the padding.
    private static func base64Name(_ key: [UInt8]) -> String {
        let groups = (key.count + 2) / 3
        var name = "E\(3 * groups - key.count)"
        for group in 0..<groups {
            var bits: UInt32 = 0
            for index in 0..<3 where group * 3 + index < key.count {
                bits |= UInt32(key[group * 3 + index]) << (8 * index)
            }
            for index in 0..<4 { name.unicodeScalars.append(UnicodeScalar(alphabet[Int(bits >> (6 * index) & 63)])) }
        }
        return name
    }
}
