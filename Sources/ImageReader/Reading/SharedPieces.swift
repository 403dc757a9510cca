// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS

/// How a file's content lies in its devices, when blocks of them make up all of it but its end.
struct SharedPieces {
    struct Piece {
        let device: Int
        let offset: UInt64
        let start: UInt64
        var length: UInt64
    }

    var pieces: [Piece] = []
    /// Bytes that stand in the metadata.
    var inline: Range<UInt64>?

    /// Each is a system call.
    static let most = 4096
    /// Parts of a file that are looked at; the largest extent has 16 MiB.
    static let mostExtents = 1 << 16

    mutating func add(device: Int, _ offset: UInt64, _ extent: Extent) {
        if let last = pieces.last, last.device == device, last.offset + last.length == offset,
            last.start + last.length == extent.start
        {
            pieces[pieces.count - 1].length += extent.length
        } else {
            pieces.append(Piece(device: device, offset: offset, start: extent.start, length: extent.length))
        }
    }
}
