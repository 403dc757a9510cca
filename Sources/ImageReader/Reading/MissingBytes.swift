// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS

/// The bytes that a read needs and the cache does not hold yet; what ``ImageReader/provide(_:_:)`` fetches.
package struct MissingBytes: Equatable, Sendable {
    /// Where missing bytes belong.
    package enum Place: Equatable, Sendable {
        /// Bytes of the primary device that are read as metadata.
        case metadata
        /// Data of a device; 0 is the primary.
        case device(Int)
    }

    /// One run of missing bytes, by offset in its device.
    package struct Piece: Equatable, Sendable {
        package let place: Place
        package let range: Range<UInt64>
    }

    /// At least one piece, in the order in which the read came upon them.
    package private(set) var pieces: [Piece]

    /// More pieces than this are found again when the read is redone; a read of 1 MiB in 4 KiB chunks stays below.
    static let limit = 512

    package init(_ place: Place, _ range: Range<UInt64>) { pieces = [Piece(place: place, range: range)] }

    /// Adds pieces of another part of the same read; a piece that continues the last one is joined with it.
    ///
    /// - Returns: False when no more pieces fit.
    @discardableResult
    mutating func add(_ other: MissingBytes) -> Bool {
        for piece in other.pieces {
            if let last = pieces.last, last.place == piece.place, last.range.upperBound == piece.range.lowerBound {
                let joined = last.range.lowerBound..<piece.range.upperBound
                pieces[pieces.count - 1] = Piece(place: piece.place, range: joined)
            } else if pieces.count < MissingBytes.limit {
                pieces.append(piece)
            } else {
                return false
            }
        }
        return true
    }
}
