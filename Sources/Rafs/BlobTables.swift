// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Digests

/// A blob's tables as they lie in the blob, packed and encrypted as they may be.
struct BlobTables: Equatable, Sendable {
    /// The tail with the table of contents; nil for a blob without one.
    var contents: [UInt8]?
    /// The chunk info and its header.
    var info: [UInt8] = []
    /// The digests of the chunks, where they lie apart from the chunk info.
    var digests: [UInt8]?

    /// Makes the unit table of them, holding them against what the image says of the blob.
    ///
    /// - Parameter decoded: The chunk info, if it is decoded already.
    func units(
        of blob: BlobEntry, _ chunks: ChunkTable, decoded: ChunkInfoSection? = nil
    ) throws(RafsError) -> UnitTable {
        let contents = try Self.contents(self.contents, of: blob)
        let info = if let decoded { decoded } else { try ChunkInfoSection(info, for: blob, contents) }
        guard let section = try Self.digestSection(contents, info, of: blob) else {
            return try UnitTable(blob, plain: info.plain, header: info.header, digests: nil, table: chunks)
        }
        guard let digests else { throw .damaged(.tableOfContents, field: "blob.digest", value: 0) }
        try section.check(digests, .digestArray)
        return try UnitTable(blob, plain: info.plain, header: info.header, digests: digests, table: chunks)
    }

    /// Whether the image says how large the table of contents is, and which digest it has.
    static func knowsContents(of blob: BlobEntry) -> Bool {
        blob.tableOfContentsDigest != nil && blob.tableOfContentsSize > 0
    }

    /// Reads the table of contents in the tail of a blob; nil for a blob without one.
    static func contents(_ tail: [UInt8]?, of blob: BlobEntry) throws(RafsError) -> TableOfContents? {
        guard blob.features.contains(.hasTableOfContents) else { return nil }
        return try TableOfContents(tail: tail ?? [], digest: knowsContents(of: blob) ? blob.tableOfContentsDigest : nil)
    }

    /// Where the digests lie that are kept apart from the chunk info; nil when there are none of that kind.
    static func digestSection(
        _ contents: TableOfContents?, _ info: ChunkInfoSection, of blob: BlobEntry
    ) throws(RafsError) -> TableOfContents.Section? {
        guard blob.features.contains(.inlinedChunkDigest), info.header.count > 0 else { return nil }
        guard let section = contents?.section("blob.digest"), section.codec == .none,
            section.remote.count == info.header.count * Digest.byteCount
        else { throw .damaged(.tableOfContents, field: "blob.digest", value: UInt64(info.header.count)) }
        return section
    }
}

// One document of all of them, for keeping: three lengths of 8 bytes, least significant first, and the bytes in that order.
extension BlobTables {
    private static let headerSize = 24
    /// The length of what is not there.
    private static let absent = UInt64.max

    /// The document.
    var document: [UInt8] {
        var bytes: [UInt8] = []
        for part in [contents, info, digests] {
            let length = part.map { UInt64($0.count) } ?? Self.absent
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
        }
        return bytes + (contents ?? []) + info + (digests ?? [])
    }

    /// Takes a document apart; nil when it is none.
    init?(document: [UInt8]) {
        guard let header = Fields(document, at: 0, count: Self.headerSize) else { return nil }
        var parts: [[UInt8]?] = []
        var start = Self.headerSize
        for index in 0..<3 {
            let length = header.u64(8 * index)
            guard length != Self.absent else {
                parts.append(nil)
                continue
            }
            guard length <= UInt64(document.count - start) else { return nil }
            parts.append(Array(document[start..<start + Int(length)]))
            start += Int(length)
        }
        guard start == document.count, let info = parts[1] else { return nil }
        self.init(contents: parts[0], info: info, digests: parts[2])
    }
}
