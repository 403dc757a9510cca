// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import EROFS
import ImageReader

/// Everything that can be seen of an image, read through the library alone, as lists that can be compared.
///
/// The lists have the forms that find, stat, getfattr and sha256sum give of a mounted tree: see compare.sh.
struct ImageListing {
    private let reader: ImageReader
    /// `time type mode owner group links size target path`, each line ended by a NUL.
    private(set) var facts: [UInt8] = []
    /// `major:minor path` of devices, each line ended by a NUL.
    private(set) var devices: [UInt8] = []
    /// `path name=value` of extended attributes.
    private(set) var attributes: [UInt8] = []
    /// `digest path`; of files over 64 MiB the digest of both ends.
    private(set) var digests: [UInt8] = []

    /// Files of more than this many bytes are not read whole: some have terabytes.
    private static let largest: UInt64 = 131_071 * 512
    private static let end: UInt64 = 1 << 20

    /// Lists the whole tree.
    init(_ reader: ImageReader) throws {
        self.reader = reader
        var queue: [(path: [UInt8], inode: Inode)] = [([], try reader.inode(reader.image.root))]
        while let (path, inode) = queue.popLast() {
            try list(inode, path)
            guard inode.type == .directory else { continue }
            for (name, nid) in try entries(of: inode) where name != Array(".".utf8) && name != Array("..".utf8) {
                queue.append((path.isEmpty ? name : path + [UInt8(ascii: "/")] + name, try reader.inode(nid)))
            }
        }
    }

    private func entries(of directory: Inode) throws -> [(name: [UInt8], nid: NodeID)] {
        var result: [(name: [UInt8], nid: NodeID)] = []
        try reader.directory(directory).forEachEntry(from: 0) { entry in
            result.append((Array(entry.name), entry.nid))
            return true
        }
        return result
    }

    private mutating func list(_ inode: Inode, _ path: [UInt8]) throws {
        let target = inode.type == .symbolicLink ? try content(of: inode, 0..<inode.size) : []
        let isDirectory = inode.type == .directory
        let columns = [
            time(of: inode), letter(of: inode.type), String(inode.mode & 0o7777, radix: 8), "\(inode.userID)",
            "\(inode.groupID)", isDirectory ? "-" : "\(inode.linkCount)", isDirectory ? "-" : "\(inode.size)",
        ]
        facts += Array((columns.joined(separator: "\t") + "\t").utf8) + target + [9] + path + [0]
        if inode.type == .blockDevice || inode.type == .characterDevice {
            let number = String(inode.deviceMajor, radix: 16) + ":" + String(inode.deviceMinor, radix: 16)
            devices += Array("\(number)\t./".utf8) + path + [0]
        }
        try listAttributes(of: inode, path.isEmpty ? [UInt8(ascii: ".")] : path)
        if inode.type == .regular { try listContent(of: inode, path) }
    }

    private mutating func listAttributes(of inode: Inode, _ path: [UInt8]) throws {
        var lines: [UInt8] = []
        try reader.extendedAttributes(of: inode).forEachAttribute { name, value in
            var text = [UInt8](repeating: 0, count: name.count)
            text.withUnsafeMutableBytes { name.copy(to: $0) }
            lines += path + [9] + text + Array("=0x".utf8) + hexadecimal(value) + [10]
            return true
        }
        attributes += lines
    }

    private mutating func listContent(of inode: Inode, _ path: [UInt8]) throws {
        var stream = DigestStream(.sha256)
        if inode.size <= ImageListing.largest {
            try add(inode, 0..<inode.size, to: &stream)
        } else {
            try add(inode, 0..<ImageListing.end, to: &stream)
            try add(inode, inode.size - ImageListing.end..<inode.size, to: &stream)
        }
        let name = inode.size <= ImageListing.largest ? "./" : "ends of ./"
        digests += Array("\(stream.finish().hex)  \(name)".utf8) + path + [0]
    }

    private func add(_ inode: Inode, _ range: Range<UInt64>, to stream: inout DigestStream) throws {
        var position = range.lowerBound
        while position < range.upperBound {
            let part = try content(of: inode, position..<min(range.upperBound, position + ImageListing.end))
            part.withUnsafeBytes { stream.update($0) }
            position += UInt64(part.count)
        }
    }

    private func content(of inode: Inode, _ range: Range<UInt64>) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        let count = try bytes.withUnsafeMutableBytes { buffer in
            try reader.read(inode, at: range.lowerBound, into: buffer, on: .worker)
        }
        guard count == bytes.count else { throw Shortfall(nid: inode.nid, offset: range.lowerBound) }
        return bytes
    }

    private func time(of inode: Inode) -> String {
        let nanoseconds = String(inode.modificationNanoseconds)
        let zeroes = String(repeating: "0", count: max(0, 9 - nanoseconds.utf8.count))
        return "\(inode.modificationSeconds).\(zeroes)\(nanoseconds)0"
    }

    private func letter(of type: FileType) -> String {
        switch type {
        case .regular: "f"
        case .directory: "d"
        case .symbolicLink: "l"
        case .characterDevice: "c"
        case .blockDevice: "b"
        case .fifo: "p"
        case .socket: "s"
        }
    }
}

/// A read that gave less than the inode's size promises.
struct Shortfall: Error {
    let nid: NodeID
    let offset: UInt64
}

private func hexadecimal(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
}
