// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport

/// The bytes of an image, to change named fields of it.
///
/// Knows the format on its own, so that a mistake of the program cannot hide behind the same mistake here. It trusts the
/// image, which has to be a fixture.
struct DamagedImage {
    private(set) var bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var blockSize: Int { 1 << bytes[1036] }

    /// The little-endian number of `count` bytes at `offset`.
    func number(_ offset: Int, _ count: Int) -> Int {
        bytes[offset..<offset + count].reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    /// Applies a change.
    ///
    /// `PLACE+OFFSET:COUNT OP VALUE` without spaces: the COUNT bytes behind a place, of which `ImagePlaces` tells where
    /// it is, are set (`=`), flipped (`^=`), added to (`+=`) or masked (`&=`, `|=`); `COUNTx` fills bytes with one value.
    /// `cut=SIZE` shortens the file.
    mutating func apply(_ change: String) throws {
        if change.hasPrefix("cut=") { return bytes.removeLast(bytes.count - (try integer(change.dropFirst(4)))) }
        let sides = change.split(separator: "=", maxSplits: 1)
        guard sides.count == 2, let colon = sides[0].lastIndex(of: ":") else { throw TestFailure("bad: \(change)") }
        var width = sides[0][sides[0].index(after: colon)...]
        let operation = width.last.flatMap { "^+&|".contains($0) ? $0 : nil }
        if operation != nil { width.removeLast() }
        let offset = try offset(of: sides[0][..<colon])
        let value = try integer(sides[1])
        guard width.last != "x" else { return fill(offset, try integer(width.dropLast()), UInt8(value)) }
        let count = try integer(width)
        set(offset, count, combine(number(offset, count), operation, value))
    }

    /// Makes the superblock's checksum fit again, if there is one.
    mutating func repairChecksum() {
        guard bytes.count > 4096, bytes[1032] & 1 != 0 else { return }
        set(1028, 4, 0)
        var crc: UInt32 = .max
        for byte in bytes[1024..<(blockSize > 1024 ? blockSize : 1024 + blockSize)] {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 0 ? 0 : 0x82F6_3B78) }
        }
        set(1028, 4, Int(crc))
    }

    private func offset(of text: Substring) throws -> Int {
        let places = ImagePlaces(image: self)
        // A path may have a '+' in it, but then a ')' follows.
        guard let plus = text.lastIndex(of: "+"), !text[plus...].contains(")") else {
            return try places.offset(of: text)
        }
        return try places.offset(of: text[..<plus]) + integer(text[text.index(after: plus)...])
    }

    private func combine(_ old: Int, _ operation: Character?, _ value: Int) -> Int {
        switch operation {
        case "^": old ^ value
        case "+": old &+ value
        case "&": old & value
        case "|": old | value
        default: value
        }
    }

    private mutating func set(_ offset: Int, _ count: Int, _ value: Int) {
        for index in 0..<count { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
    }

    private mutating func fill(_ offset: Int, _ count: Int, _ value: UInt8) {
        for index in offset..<offset + count { bytes[index] = value }
    }
}

/// A decimal number, or a hexadecimal one with `0x`; up to 64 bits.
func integer(_ text: Substring) throws -> Int {
    let isHexadecimal = text.hasPrefix("0x")
    guard let value = UInt64(isHexadecimal ? text.dropFirst(2) : text, radix: isHexadecimal ? 16 : 10) else {
        throw TestFailure("not a number: \(text)")
    }
    return Int(truncatingIfNeeded: value)
}
