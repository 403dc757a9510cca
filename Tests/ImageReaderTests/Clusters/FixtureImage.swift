// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import ImageReader
import TestSupport

/// One of the small images that the tests of the EROFS storey keep; all have the same files.
struct FixtureImage {
    let reader: ImageReader

    /// Opens `name`, or the file at `path`, from disk.
    init(_ name: String, path: String? = nil, settings: ImageReader.Settings = .init()) throws {
        let path = path ?? "\(FixtureImage.folder)/\(name).erofs"
        reader = try ImageReader(Bootstrap(.file(LocalFile(path: path))), devices: [], settings: settings)
    }

    /// The folder of the images.
    static let folder = "\(PackageFiles.root)/Tests/EROFSTests/Fixtures"

    /// The images whose files are encoded.
    static let encoded = [
        "deflate", "deflate-wide", "lz4", "lz4-16k", "lz4-all", "lz4-b512", "lz4-directories", "lz4-fragments",
        "lz4-full", "lz4-full-all", "lz4-tail", "lz4-wide", "lzma", "lzma-wide", "metabox", "prefix-packed", "several",
        "zstd", "zstd-dedupe", "zstd-wide",
    ]

    /// The inode of a file in the root.
    func file(_ name: String) throws -> Inode {
        let root = try reader.inode(reader.image.root)
        let entry = try Array(name.utf8).withUnsafeBytes { try reader.lookup($0, in: root) }
        guard let entry else { throw Failure.noFile(name) }
        return try reader.inode(entry.nid)
    }

    /// The bytes of a range of a file; fewer at its end.
    func read(_ inode: Inode, at offset: Int, count: Int, on context: ReadContext = .worker) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0xA5, count: count)
        let done = try bytes.withUnsafeMutableBytes {
            try reader.read(inode, at: UInt64(offset), into: $0, on: context)
        }
        return Array(bytes[..<done])
    }

    /// What the files `seq` and `both` hold.
    static let sequence = Array((1...3000).map { "\($0)\n" }.joined().utf8)
    static let both: [UInt8] = {
        var state: UInt64 = 1
        return sequence
            + (0..<2000).map { _ in
                state = state * 16807 % 2_147_483_647
                return UInt8(truncatingIfNeeded: state >> 16)
            }
    }()

    enum Failure: Error {
        case noFile(String)
    }
}
