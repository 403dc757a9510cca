// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import Digests

/// The digests of one blob's units, with which each unit is checked before anybody can read it.
///
/// A file of its own beside the blob, bound together by its root digest: the digest of the whole list, by the list's
/// own algorithm. Integers are little-endian.
///
///     0  8  magic "SEFDIG01"         20  1  algorithm: 1 SHA-256, 2 BLAKE3
///     8  8  bytes of the blob        21  1  zero
///    16  4  bytes of a unit          22  2  bytes of the blob's name; then the name,
///                                           then 32 bytes for each unit
public struct DigestList: Sendable {
    /// The blob whose digests these are.
    public let blobName: String
    /// Bytes of the blob.
    public let size: UInt64
    /// Bytes of a unit, a multiple of 4096; the last unit may be shorter.
    public let unit: UInt64
    package let algorithm: Digest.Algorithm
    /// What the list as a whole is known by.
    package let root: Digest
    private let digests: [UInt8]

    private static let magic: [UInt8] = Array("SEFDIG01".utf8)
    private static let headerSize = 24
    /// The lengths that a unit may have.
    package static let units: ClosedRange<UInt64> = 4096...(16 << 20)

    /// Reads a list.
    ///
    /// - Throws: `.malformed` for anything but a whole, consistent list.
    public init(_ bytes: [UInt8]) throws(DigestListError) {
        guard bytes.starts(with: DigestList.magic), bytes.count >= DigestList.headerSize else {
            throw .malformed(reason: "it does not begin as a list of digests does")
        }
        func integer(_ range: Range<Int>) -> UInt64 { bytes[range].reversed().reduce(0) { $0 << 8 | UInt64($1) } }
        size = integer(8..<16)
        unit = integer(16..<20)
        guard let algorithm = DigestList.algorithm(bytes[20]) else {
            throw .malformed(reason: "its algorithm \(bytes[20]) is unknown")
        }
        guard DigestList.units.contains(unit), unit % 4096 == 0 else {
            throw .malformed(reason: "a unit of \(unit) bytes is not a multiple of 4096 up to 16 MiB")
        }
        let nameEnd = DigestList.headerSize + Int(integer(22..<24))
        let count = size / unit + (size % unit == 0 ? 0 : 1)
        guard nameEnd <= bytes.count, (bytes.count - nameEnd) % Digest.byteCount == 0,
            UInt64((bytes.count - nameEnd) / Digest.byteCount) == count
        else { throw .malformed(reason: "it is not as long as \(count) digests") }
        self.algorithm = algorithm
        blobName = String(decoding: bytes[DigestList.headerSize..<nameEnd], as: UTF8.self)
        digests = Array(bytes[nameEnd...])
        root = bytes.withUnsafeBytes { Digest(algorithm, of: $0) }
    }

    /// The start of the list of a blob; the digests of its units follow.
    ///
    /// - Returns: Nil for a unit that no list can have, and for too long a name.
    package static func header(
        blobName: String, size: UInt64, unit: UInt64, algorithm: Digest.Algorithm
    ) -> [UInt8]? {
        guard units.contains(unit), unit % 4096 == 0, let length = UInt16(exactly: blobName.utf8.count) else {
            return nil
        }
        func bytes(_ value: UInt64, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        return magic + bytes(size, 8) + bytes(unit, 4) + [algorithm == .sha256 ? 1 : 2, 0] + bytes(UInt64(length), 2)
            + Array(blobName.utf8)
    }

    /// The smallest range of whole units that contains `range`, which must lie in the blob.
    func unitRange(covering range: Range<UInt64>) -> Range<UInt64> {
        let start = range.lowerBound / unit * unit
        return start..<max(start, min(size, ((range.upperBound + unit - 1) / unit) * unit))
    }

    /// The units of a range whose bytes are not those of the blob, each by itself.
    ///
    /// - Parameter range: Where `bytes` lie in the blob; whole units.
    func wrongUnits(_ bytes: UnsafeRawBufferPointer, of range: Range<UInt64>) -> [Range<UInt64>] {
        stride(from: range.lowerBound, to: range.upperBound, by: UInt64.Stride(unit)).compactMap { start in
            let end = min(start + unit, range.upperBound)
            let part = bytes[Int(start - range.lowerBound)..<Int(end - range.lowerBound)]
            let isRight = Digest(algorithm, of: UnsafeRawBufferPointer(rebasing: part)).bytes == digest(at: start)
            return isRight ? nil : start..<end
        }
    }

    private func digest(at offset: UInt64) -> [UInt8] {
        let first = Int(offset / unit) * Digest.byteCount
        return first + Digest.byteCount <= digests.count ? Array(digests[first..<first + Digest.byteCount]) : []
    }

    private static func algorithm(_ number: UInt8) -> Digest.Algorithm? {
        switch number {
        case 1: .sha256
        case 2: .blake3
        default: nil
        }
    }
}

/// Why something is no list of digests.
public enum DigestListError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The bytes have not the form of a list.
    case malformed(reason: String)

    /// The error as a sentence.
    public var description: String {
        switch self {
        case .malformed(let reason): "not a list of digests: \(reason)"
        }
    }
}
