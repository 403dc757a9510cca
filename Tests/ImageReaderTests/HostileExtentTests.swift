// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import ImageReader
import TestSupport
import Testing

/// Files whose extents lie where nothing can lie: to look at what they lack is as safe as to read them.
@Suite struct HostileExtentTests {
    private static let file: UInt64 = 44
    private static let packed: UInt64 = 48
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// An image with one file of two blocks, whose extent records are good for the first and `second` for the other.
    private func reader(second: [UInt32], advice: UInt16) throws -> ImageReader {
        var bytes = [UInt8](repeating: 0, count: 32 << 10)
        func put<Value: FixedWidthInteger>(_ value: Value, at offset: UInt64) {
            withUnsafeBytes(of: value.littleEndian) {
                bytes.replaceSubrange(Int(offset)..<Int(offset) + $0.count, with: $0)
            }
        }
        func putInode(_ nid: UInt64, format: UInt16, mode: UInt16, size: UInt32, union: UInt32 = 0) {
            put(format, at: nid * 32)
            put(mode, at: nid * 32 + 4)
            put(size, at: nid * 32 + 8)
            put(union, at: nid * 32 + 16)
        }
        put(UInt32(0xE0F5_E1E2), at: 1024)
        put(UInt8(12), at: 1024 + 0x0C)
        put(UInt16(40), at: 1024 + 0x0E)
        // Fragments, in an inode of their own.
        put(UInt32(0x20), at: 1024 + 0x50)
        put(HostileExtentTests.packed, at: 1024 + 0x60)
        putInode(40, format: 4, mode: 0o040755, size: 0)
        putInode(HostileExtentTests.packed, format: 0, mode: 0o100644, size: 4096, union: 6)
        putInode(HostileExtentTests.file, format: 2, mode: 0o100644, size: 8192)
        let header = HostileExtentTests.file * 32 + 32
        put(UInt32(2), at: header)
        // Extent records of 16 bytes.
        put(5 | advice, at: header + 4)
        for (index, word) in ([4096, 5 << 12, 0, 0] + second + [4096]).enumerated() {
            put(word, at: header + 16 + 4 * UInt64(index))
        }
        let path = directory.path + "/image"
        try write(bytes, to: path)
        return try ImageReader(Bootstrap(.file(LocalFile(path: path))), devices: [])
    }

    private func expectDamage(_ reader: ImageReader, _ isRight: (ReadError) -> Bool) throws {
        let inode = try reader.inode(NodeID(rawValue: HostileExtentTests.file))
        let good = try reader.missingBytes(of: inode, 0..<4096)
        #expect(good == nil)
        var buffer = [UInt8](repeating: 0, count: 4096)
        let attempts: [() throws -> Void] = [
            { _ = try reader.missingBytes(of: inode, 0..<8192) },
            { _ = try reader.missingBytes(of: inode, 4096..<8192) },
            { _ = try reader.presentRanges(of: inode, limit: 10) },
            { _ = try buffer.withUnsafeMutableBytes { try reader.read(inode, at: 4096, into: $0, on: .worker) } },
        ]
        for attempt in attempts {
            let error = #expect(throws: ReadError.self) { try attempt() }
            #expect(error.map(isRight) == true)
        }
    }

    @Test("A cluster behind the largest address") func cluster() throws {
        let reader = try reader(second: [4096, 0xFFFF_F800, 0xFFFF_FFFF], advice: 0)
        try expectDamage(reader) { if case .beyondDevice = $0 { true } else { false } }
    }

    @Test("A fragment behind the largest offset") func fragment() throws {
        let reader = try reader(second: [0xFFFF_F800, 0xFFFF_FFFF, 0], advice: 0x20)
        try expectDamage(reader) {
            if case .image(.damaged(_, let field, _)) = $0 { field == "fragment offset" } else { false }
        }
    }
}
