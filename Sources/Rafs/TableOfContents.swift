// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// The table of contents at the tail of a blob: 128 bytes for each section, then a tar header of 512 bytes.
package struct TableOfContents: Sendable {
    /// The most that is read from the tail to find it.
    static let maximumSize = 4096

    /// One section of the blob.
    package struct Section: Sendable {
        /// The name, such as `blob.meta`.
        package let name: String
        /// The bytes of the section in the blob.
        package let remote: Range<UInt64>
        /// Plain bytes.
        package let size: UInt64
        /// What the section is compressed with.
        package let codec: ChunkCodec
        /// SHA-256 of the plain section; nil when the builder left it out, as zeros.
        package let digest: Digest?
    }

    /// The sections in the order of the table.
    package let sections: [Section]

    /// Reads the table at the end of `tail`.
    ///
    /// - Parameters:
    ///   - tail: The last bytes of the blob, at most 4096.
    ///   - digest: What the table must have, if known, header included.
    init(tail: [UInt8], digest: Digest? = nil) throws(RafsError) {
        guard let length = Self.sectionSize(tail: tail, named: "rafs.blob.toc"), length % 128 == 0,
            let size = Int(exactly: length), size <= tail.count - 512
        else { throw .damaged(.tableOfContents, field: "tar header", value: UInt64(tail.count)) }
        let start = tail.count - 512 - size
        if let digest {
            let found = tail[start...].withUnsafeBytes { Digest(.sha256, of: $0) }
            guard found == digest else { throw .digestMismatch(.tableOfContents) }
        }
        var sections: [Section] = []
        for offset in stride(from: start, to: tail.count - 512, by: 128) {
            guard let record = Fields(tail, at: offset, count: 128) else { continue }
            sections.append(try Section(record))
        }
        self.sections = sections
    }

    /// The section called `name`.
    package func section(_ name: String) -> Section? { sections.first { $0.name == name } }

    /// The size of the last section of a blob, from the tar header that ends `tail`; nil when it has another name.
    static func sectionSize(tail: [UInt8], named name: String) -> UInt64? {
        guard let header = Fields(tail, at: tail.count - 512, count: 512),
            BlobEntry.trimmed(header.bytes(0..<100)) == Array(name.utf8),
            header.bytes(257..<263) == Array("ustar ".utf8)
        else { return nil }
        return octal(header.bytes(124..<135))
    }

    private static func octal(_ digits: [UInt8]) -> UInt64? {
        var value: UInt64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit) else { return nil }
            value = value << 3 | UInt64(digit - UInt8(ascii: "0"))
        }
        return value
    }
}

extension TableOfContents.Section {
    /// Reads an entry.
    init(_ record: Fields) throws(RafsError) {
        name = String(decoding: BlobEntry.trimmed(record.bytes(8..<24)), as: UTF8.self)
        switch record.u32(0) & 15 {
        case 1: codec = .none
        case 2: codec = .zstd
        case 4: codec = .lz4
        default: throw .unsupported(.tableOfContents, field: "flags", value: UInt64(record.u32(0)))
        }
        let digest = record.bytes(24..<56)
        self.digest = digest.allSatisfy { $0 == 0 } ? nil : Digest(.sha256, bytes: digest)
        guard record.u64(56).fits(record.u64(64), within: 1 << 42) else {
            throw .damaged(.tableOfContents, field: "compressed offset", value: record.u64(56))
        }
        remote = record.u64(56)..<record.u64(56) + record.u64(64)
        size = record.u64(72)
    }

    /// Decodes the section and holds it against its digest.
    func plain(_ bytes: [UInt8], limit: UInt64, _ place: RafsError.Place) throws(RafsError) -> [UInt8] {
        guard size <= limit else { throw .damaged(place, field: "uncompressed size", value: size) }
        let plain = try ChunkDecoder().decode(codec, bytes, size: Int(size), place)
        try check(plain, place)
        return plain
    }

    /// Holds the plain section against its digest.
    func check(_ plain: [UInt8], _ place: RafsError.Place) throws(RafsError) {
        guard let digest else { return }
        guard plain.withUnsafeBytes({ Digest(.sha256, of: $0) }) == digest else { throw .digestMismatch(place) }
    }
}
