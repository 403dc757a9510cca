// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The table of long attribute name prefixes.
///
/// Records are aligned to 4 bytes: a 16-bit length, one byte for the short prefix, and the rest of the prefix.
final class LongPrefixTable: Sendable {
    /// One record of the table.
    struct Prefix: Equatable, Sendable {
        /// The index of the short prefix that the name starts with.
        let base: UInt8
        /// What follows the short prefix.
        let infix: [UInt8]
    }

    /// The most bytes that a table has: 128 records of 2 + 256 bytes, aligned.
    static let maximumLength: UInt64 = 128 * 260

    private let prefixes: [Prefix]

    /// Reads `count` records from byte `start` of `bytes`.
    init(of bytes: ImageBytes, at start: UInt64, count: Int) throws(ImageError) {
        guard count <= 128 else { throw .damaged(.superblock, field: "xattr_prefix_count", value: UInt64(count)) }
        var prefixes: [Prefix] = []
        var offset = start
        for index in 0..<count {
            let length = Int(try bytes.record(at: offset, count: 2).u16(0))
            guard 1...256 ~= length else {
                throw .damaged(.longPrefix(index), field: "length", value: UInt64(length))
            }
            let record = try bytes.bytes(at: offset + 2, count: length)
            prefixes.append(Prefix(base: record[0], infix: [UInt8](record.dropFirst())))
            offset = (offset + 2 + UInt64(length) + 3) & ~3
        }
        self.prefixes = prefixes
    }

    /// The record that an attribute's name index with bit 7 set selects; nil if the table has none.
    subscript(nameIndex: UInt8) -> Prefix? {
        let index = Int(nameIndex & 0x7F)
        return index < prefixes.count ? prefixes[index] : nil
    }
}

extension Superblock {
    /// The stream whose bytes hold the table of long attribute prefixes; nil if the image has none.
    var longPrefixStream: Stream? {
        guard longPrefixCount > 0 else { return nil }
        if compatible.contains(.plainPrefixes) { return .primary }
        if metaboxInode != nil { return .metabox }
        return packedInode != nil ? .packed : .primary
    }
}
