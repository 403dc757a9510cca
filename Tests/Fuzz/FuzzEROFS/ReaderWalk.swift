// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import EROFS
import Glibc
import ImageReader

/// Does with an image what a mount does, by the reader that mounts have: names, attributes, bytes, and what is missing of them.
///
/// Every error is a good answer, as for the walk of the tree alone.
struct ReaderWalk {
    /// Inodes that are looked at, and bytes of each that are read at a place.
    private static let limit = 300
    private static let piece = 64 << 10

    private let file: CInt

    /// A walk of images that are put into one file, in memory.
    init?() {
        file = clinux_memory_file()
        guard file >= 0 else { return nil }
    }

    /// Opens the image and looks at everything in it.
    ///
    /// - Returns: The inodes that were looked at.
    func run(_ image: [UInt8]) -> Int {
        guard ftruncate(file, 0) == 0, pwrite(file, image, image.count, 0) == image.count,
            let local = try? LocalFile(path: "/proc/self/fd/\(file)"),
            let reader = try? ImageReader(Bootstrap(.file(local)), devices: [])
        else { return 0 }
        var seen: Set<NodeID> = [reader.image.root]
        var waiting = [reader.image.root]
        while let nid = waiting.popLast(), seen.count < ReaderWalk.limit {
            guard let inode = try? reader.inode(nid) else { continue }
            look(at: inode, reader)
            guard inode.type == .directory, let directory = try? reader.directory(inode) else { continue }
            try? directory.forEachEntry(from: 0) { entry in
                if seen.insert(entry.nid).inserted { waiting.append(entry.nid) }
                return seen.count < ReaderWalk.limit
            }
        }
        return seen.count
    }

    private func look(at inode: Inode, _ reader: ImageReader) {
        let piece = UInt64(ReaderWalk.piece)
        _ = try? reader.extendedAttributes(of: inode).forEachAttribute { _, _ in true }
        _ = try? reader.presentRanges(of: inode, limit: 20)
        let size = inode.size
        for offset in [0, size / 2, size - min(size, piece)] {
            _ = try? reader.missingBytes(of: inode, offset..<offset + min(piece, size - offset))
            withUnsafeTemporaryAllocation(byteCount: ReaderWalk.piece, alignment: 16) { buffer in
                _ = try? reader.read(inode, at: offset, into: buffer, on: .worker)
            }
        }
    }
}
