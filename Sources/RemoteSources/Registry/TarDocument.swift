// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// A tar archive in memory, read for single small files.
struct TarDocument {
    private static let blockLength = 512

    private let bytes: [UInt8]

    /// An archive, which is not checked yet.
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The content of a regular file; nil when the archive has none of that name, or is damaged before it.
    func file(named name: String) -> [UInt8]? {
        var offset = 0
        while bytes.count - offset >= Self.blockLength {
            let header = bytes[offset..<offset + Self.blockLength]
            guard header.contains(where: { $0 != 0 }) else { return nil }
            let start = offset + Self.blockLength
            guard let size = number(at: offset + 124, count: 12), size <= bytes.count - start else { return nil }
            let kind = bytes[offset + 156]
            if kind == 0 || kind == UInt8(ascii: "0"), entryName(at: offset) == name {
                return Array(bytes[start..<start + size])
            }
            let padded = size + (Self.blockLength - size % Self.blockLength) % Self.blockLength
            offset = start + padded
        }
        return nil
    }

    private func entryName(at offset: Int) -> String {
        let name = text(at: offset, count: 100)
        let prefix = text(at: offset + 257, count: 5) == "ustar" ? text(at: offset + 345, count: 155) : ""
        let whole = prefix.isEmpty ? name : "\(prefix)/\(name)"
        return whole.hasPrefix("./") ? String(whole.dropFirst(2)) : whole
    }

    private func text(at offset: Int, count: Int) -> String {
        String(decoding: bytes[offset..<offset + count].prefix { $0 != 0 }, as: UTF8.self)
    }

    /// An octal number, or a binary one when the first bit is set.
    private func number(at offset: Int, count: Int) -> Int? {
        let field = bytes[offset..<offset + count]
        if let first = field.first, first & 0x80 != 0 {
            var value = Int(first & 0x7F)
            for byte in field.dropFirst() {
                guard value <= Int.max >> 8 else { return nil }
                value = value << 8 | Int(byte)
            }
            return value
        }
        let digits = field.drop { $0 == 32 }.prefix { $0 != 0 && $0 != 32 }
        // A sign, which the language's own reading would take, has no place here: no file has less than no bytes.
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }) else { return nil }
        return Int(String(decoding: digits, as: UTF8.self), radix: 8)
    }
}
