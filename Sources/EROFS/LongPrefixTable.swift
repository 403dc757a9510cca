// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The table of long attribute name prefixes.
///
/// Records are aligned to 4 bytes: a 16-bit length, one byte for the short prefix, and the rest of the prefix.
final class LongPrefixTable: Sendable {
    /// The most bytes that a table has: 128 records of 2 + 256 bytes, aligned.
    static let maximumLength: UInt64 = 128 * 260

    private let bytes: ImageBytes
    private let records: [(offset: UInt64, length: Int)]

    /// Reads `count` records from byte `start` of `bytes`.
    init(of bytes: ImageBytes, at start: UInt64, count: Int) throws(ImageError) {
        guard count <= 128 else { throw .damaged(.superblock, field: "xattr_prefix_count", value: UInt64(count)) }
        var records: [(offset: UInt64, length: Int)] = []
        var offset = start
        for index in 0..<count {
            let length = Int(try bytes.record(at: offset, count: 2).u16(0))
            guard 1...256 ~= length else {
                throw .damaged(.longPrefix(index), field: "length", value: UInt64(length))
            }
            _ = try bytes.bytes(at: offset + 2, count: length)
            records.append((offset + 2, length))
            offset = (offset + 2 + UInt64(length) + 3) & ~3
        }
        self.bytes = bytes
        self.records = records
    }

    /// The short prefix, and what follows it, that a name index with bit 7 set selects; nil if there is no such record.
    func prefix(_ nameIndex: UInt8) throws(ImageError) -> (base: UInt8, infix: UnsafeRawBufferPointer)? {
        let index = Int(nameIndex & 0x7F)
        guard index < records.count else { return nil }
        let record = try bytes.bytes(at: records[index].offset, count: records[index].length)
        return (record[0], UnsafeRawBufferPointer(rebasing: record.dropFirst()))
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
