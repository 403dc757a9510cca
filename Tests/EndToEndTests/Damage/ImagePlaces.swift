// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport

/// Finds the records of an intact image by name.
struct ImagePlaces {
    let image: DamagedImage

    /// The byte where a record begins.
    ///
    /// `sb`, `config`, `prefixes`, `slotN`, or one of these with a path: `inode` and `dirent` of the file, its `xattrs`,
    /// its inline `tail`, its `chunks`, its compression `map`, `index` and `records`, its first `cluster`.
    func offset(of name: Substring) throws -> Int {
        if name.hasPrefix("slot") {
            return image.number(1024 + 0x58, 2) * 128 + (try integer(name.dropFirst(4)) - 1) * 128
        }
        switch name {
        case "sb": return 1024
        case "config": return 1024 + 128 + 16 * Int(image.bytes[1024 + 0x0D])
        case "prefixes": return 4 * image.number(1024 + 0x5C, 4)
        default: break
        }
        guard let open = name.firstIndex(of: "("), name.last == ")" else { throw TestFailure("no place: \(name)") }
        let (inode, entry) = try find(name[name.index(after: open)...].dropLast())
        return try offset(of: name[..<open], inode: inode, entry: entry)
    }

    private func offset(of record: Substring, inode: Int, entry: Int) throws -> Int {
        let end = end(of: inode)
        let map = (end + 7) & ~7
        switch record {
        case "inode": return inode
        case "dirent": return entry
        case "xattrs": return inode + length(of: inode)
        case "tail": return end
        case "chunks": return image.bytes[inode + 16] & 0x20 != 0 ? map : (end + 3) & ~3
        case "map": return map
        case "index": return map + (layout(of: inode) == 1 ? 16 : 8)
        case "records": return records(map)
        case "cluster": return cluster(inode, map)
        default: throw TestFailure("no record: \(record)")
        }
    }

    private func layout(of inode: Int) -> Int { Int(image.bytes[inode] >> 1 & 7) }

    private func length(of inode: Int) -> Int { image.bytes[inode] & 1 == 0 ? 32 : 64 }

    private func size(of inode: Int) -> Int { image.number(inode + 8, length(of: inode) == 32 ? 4 : 8) }

    /// Where the inode and its extended attributes end.
    private func end(of inode: Int) -> Int {
        let count = image.number(inode + 2, 2)
        return inode + length(of: inode) + (count == 0 ? 0 : 12 + 4 * (count - 1))
    }

    private func records(_ map: Int) -> Int {
        let size = 4 << (image.number(map + 4, 2) >> 1 & 3)
        return (map + 8 + size - 1) & ~(size - 1)
    }

    /// The first physical cluster of a compressed file, whichever of the forms of the index it has.
    private func cluster(_ inode: Int, _ map: Int) -> Int {
        let advice = image.number(map + 4, 2)
        if layout(of: inode) == 1 {
            guard advice & 1 != 0 else { return image.number(map + 20, 4) * image.blockSize }
            let isSum = advice & 6 == 0
            return isSum ? image.number(records(map), 8) : image.number(records(map) + 4, 4)
        }
        let isShort = advice & 1 != 0 && (map + 8) % 32 == 0 && size(of: inode) > 15 * image.blockSize
        return (image.number(map + 8 + (isShort ? 28 : 4), 4) + (advice & 2 == 0 ? 1 : 0)) * image.blockSize
    }

    /// The inode at a path and the record that names it in its directory.
    private func find(_ path: Substring) throws -> (inode: Int, entry: Int) {
        let start = image.number(1024 + 0x28, 4) * image.blockSize
        let wide = image.bytes[1024 + 0x50] & 0x80 == 0 ? 0 : image.number(1024 + 0x70, 8)
        var inode = start + 32 * (wide == 0 ? image.number(1024 + 0x0E, 2) : wide)
        var entry = 0
        for name in path.split(separator: "/") {
            guard let found = entries(of: inode).first(where: { $0.name == name }) else {
                throw TestFailure("\(path) is not in the image")
            }
            entry = found.offset
            inode = start + 32 * image.number(entry, 8)
        }
        return (inode, entry)
    }

    private func entries(of inode: Int) -> [(name: String, offset: Int)] {
        blocks(of: inode).flatMap { block in
            let count = image.number(block.lowerBound + 8, 2) / 12
            return (0..<count).map { index in
                let entry = block.lowerBound + 12 * index
                let from = block.lowerBound + image.number(entry + 8, 2)
                let to = index + 1 < count ? block.lowerBound + image.number(entry + 20, 2) : block.upperBound
                return (String(decoding: image.bytes[from..<to].prefix { $0 != 0 }, as: UTF8.self), entry)
            }
        }
    }

    /// Where the blocks of an uncompressed directory are; the last may be inline.
    private func blocks(of inode: Int) -> [Range<Int>] {
        let size = size(of: inode)
        let first = image.number(inode + 16, 4) * image.blockSize
        return stride(from: 0, to: size, by: image.blockSize).map { position in
            let isInline = layout(of: inode) == 2 && position + image.blockSize >= size
            let start = isInline ? end(of: inode) : first + position
            return start..<start + min(image.blockSize, size - position)
        }
    }
}
