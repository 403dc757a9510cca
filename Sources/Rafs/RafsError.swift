// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a RAFS v6 bootstrap, with a blob's own tables, or with its data.
package enum RafsError: Error, Equatable, Sendable {
    /// The image carries no RAFS v6 superblock; it may still be plain EROFS.
    case notRafs
    /// Bytes of the bootstrap that are not fetched yet: fetch them and redo.
    case notResident(offset: UInt64, count: Int)
    /// A structure reaches past the end of what holds it.
    case truncated(Place, offset: UInt64, count: UInt64)
    /// A field has a value that no writer produces or that contradicts another field.
    case damaged(Place, field: StaticName, value: UInt64)
    /// A field has a meaning this reader does not know.
    case unsupported(Place, field: StaticName, value: UInt64)
    /// A blob id that cannot be a name.
    case badBlobID([UInt8])
    /// No chunk of the blob covers this cookie offset.
    case gap(offset: UInt64)
    /// The bytes of a chunk or a section differ from their digest or checksum.
    case digestMismatch(Place)
    /// The bytes of a chunk or a section do not decode to the size they must have.
    case undecodable(Place)

    /// The structure that an error is about.
    package enum Place: Equatable, Sendable {
        case superblock, blobTable(Int), deviceTable, chunkTable(Int), prefetchTable
        case tableOfContents, chunkInfoHeader, chunkInfo(Int), context(Int), digestArray, bootstrap
        case chunk(Int), unit(firstChunk: Int), chunkMap
    }

    /// The name of a field, as the format's description has it.
    package struct StaticName: Equatable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
        package let description: String
        package init(stringLiteral value: StaticString) { description = "\(value)" }
    }
}

extension RafsError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notRafs: "not a RAFS v6 image"
        case .notResident(let offset, let count): "bootstrap bytes \(offset)+\(count) are not fetched yet"
        case .truncated(let place, let offset, let count): "\(place): \(count) bytes at \(offset) lie outside"
        case .damaged(let place, let field, let value): "\(place): bad \(field) \(value)"
        case .unsupported(let place, let field, let value): "\(place): unsupported \(field) \(value)"
        case .badBlobID(let bytes): "blob id \(bytes.map { $0.isPrintable ? String(UnicodeScalar($0)) : "?" }.joined())"
        case .gap(let offset): "no chunk covers offset \(offset)"
        case .digestMismatch(let place): "\(place): digest differs"
        case .undecodable(let place): "\(place): does not decode"
        }
    }
}

extension RafsError.Place: CustomStringConvertible {
    package var description: String {
        switch self {
        case .superblock: "RAFS superblock"
        case .blobTable(let index): "blob table entry \(index)"
        case .deviceTable: "device table"
        case .chunkTable(let index): "chunk table entry \(index)"
        case .prefetchTable: "prefetch table"
        case .tableOfContents: "table of contents"
        case .chunkInfoHeader: "chunk info header"
        case .chunkInfo(let index): "chunk info \(index)"
        case .context(let index): "context \(index)"
        case .digestArray: "digest array"
        case .bootstrap: "bootstrap"
        case .chunk(let index): "chunk \(index)"
        case .unit(let index): "unit of chunk \(index)"
        case .chunkMap: "chunk map"
        }
    }
}

extension UInt8 {
    fileprivate var isPrintable: Bool { (0x20...0x7e).contains(self) }
}
