// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import ImageReader
import TestSupport
import Testing

@testable import Commands

/// Trees that a walk must not go through step by step.
@Suite struct HostileTreeTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// An image in the making: a superblock, and inodes of 128 bytes each from nid 40 on.
    private struct Builder {
        private(set) var bytes = [UInt8](repeating: 0, count: 16 << 10)

        init() {
            put(UInt32(0xE0F5_E1E2), at: 1024)
            put(UInt8(12), at: 1024 + 0x0C)
            put(UInt16(40), at: 1024 + 0x0E)
        }

        mutating func put<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
            withUnsafeBytes(of: value.littleEndian) { bytes.replaceSubrange(offset..<offset + $0.count, with: $0) }
        }

        static func nid(_ index: Int) -> UInt64 { UInt64(40 + 4 * index) }

        /// An inline directory with the names `a` and `b` of one inode.
        mutating func putDirectory(_ index: Int, of child: Int?) {
            let start = Int(Builder.nid(index)) * 32
            put(UInt16(4), at: start)
            put(UInt16(0o040755), at: start + 4)
            guard let child else { return }
            put(UInt32(26), at: start + 8)
            for (record, name) in [UInt8(ascii: "a"), UInt8(ascii: "b")].enumerated() {
                put(Builder.nid(child), at: start + 32 + 12 * record)
                put(UInt16(24 + record), at: start + 32 + 12 * record + 8)
                put(UInt8(2), at: start + 32 + 12 * record + 10)
                put(name, at: start + 32 + 24 + record)
            }
        }

        /// A file that is a hole of so many bytes.
        mutating func putHole(_ index: Int, size: UInt64) {
            let start = Int(Builder.nid(index)) * 32
            put(UInt16(1), at: start)
            put(UInt16(0o100644), at: start + 4)
            put(UInt16.max, at: start + 6)
            put(size, at: start + 8)
            put(UInt32.max, at: start + 16)
        }
    }

    private func reader(_ builder: Builder) throws -> ImageReader {
        let path = directory.path + "/image"
        try write(builder.bytes, to: path)
        return try ImageReader(Bootstrap(.file(LocalFile(path: path))), devices: [])
    }

    @Test("A directory with two names is entered once, so that twenty levels of them are no million paths")
    func doubledDirectories() throws {
        let levels = 20
        var builder = Builder()
        for level in 0..<levels { builder.putDirectory(level, of: level + 1) }
        builder.putDirectory(levels, of: nil)
        let reader = try reader(builder)
        var paths: [String] = []
        TreeWalk(reader: reader).forEach(from: try reader.inode(reader.image.root), at: "/") { path, result in
            if case .success = result { paths.append(path) }
        }
        #expect(paths.count == 1 + 2 * levels)
        #expect(paths.prefix(3) == ["/", "/a", "/a/a"] && paths.last == "/b")
    }

    @Test("A hole of any size is stepped over") func hugeHole() throws {
        var builder = Builder()
        builder.putDirectory(0, of: nil)
        builder.putHole(1, size: 1 << 62)
        let reader = try reader(builder)
        let fetch = TreeFetch(reader: reader, maxBytes: nil) { 0 }
        try fetch.run(try reader.inode(NodeID(rawValue: Builder.nid(1))), "/hole")
        #expect(fetch.progress.files == 1)
        #expect(fetch.progress.failures == 0)
    }
}
