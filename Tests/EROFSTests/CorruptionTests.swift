// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import FuzzSupport
import Testing

@testable import EROFS

@Suite struct CorruptionTests {
    /// A tree with every flat and chunked layout, attributes, long prefixes and devices, all in the first block.
    static func richTree() -> ImageBuilder {
        var builder = ImageBuilder.smallTree()
        builder.setFeatures(incompatible: 0x4C, compatible: 0x14)
        builder.put(UInt16(1), at: 1024 + 0x56)
        builder.put(UInt16(9), at: 1024 + 0x58)
        builder.put(UInt8(1), at: 1024 + 0x5B)
        builder.put(UInt32(0x500 / 4), at: 1024 + 0x5C)
        builder.put(UInt32(4), at: 0x480 + 64)
        builder.put(UInt32(2), at: 0x480 + 68)
        builder.put(hexadecimal("0300 01 612e"), at: 0x500)
        let names: [(String, UInt64, UInt8)] = [
            (".", 60, 2), ("..", 60, 2), ("chunks", 70, 1), ("d", 74, 2), ("inline", 44, 1), ("link", 80, 7),
            ("plain", 84, 1),
        ]
        builder.putDirectory(nid: 60, names)
        builder.put(UInt16(60), at: 1024 + 0x0E)
        builder.put(.init(format: 8, mode: 0o100644, size: 9000, union: 0x20), at: 70 * 32)
        builder.put(hexadecimal("0000 0100 00000000 0000 0100 01000000 0000 0000 ffffffff"), at: 71 * 32)
        builder.put(.init(format: 0, mode: 0o040755, size: 27, union: 1), at: 74 * 32)
        builder.put(ImageBuilder.directoryBlock([(".", 74, 2), ("..", 60, 2)]), at: 4096)
        builder.put(.init(format: 4, mode: 0o120777, size: 5), at: 80 * 32)
        builder.put(Array("plain".utf8), at: 81 * 32)
        builder.put(.init(format: 0, attributeCount: 6, mode: 0o100644, size: 5000, union: 1), at: 84 * 32)
        builder.put(
            hexadecimal("00000000 01 00000000000000 c0020000 01010100 78790000 01800100 7a310000"), at: 85 * 32)
        builder.put(hexadecimal("06010400 736861726564 73616d65"), at: 0xB00)
        return builder
    }

    @Test func walksTheTreeItself() throws {
        var walk = BoundedWalk(try Self.richTree().open())
        walk.run()
        #expect(walk.errors.isEmpty)
        #expect(walk.steps > 20)
    }

    @Test func survivesEveryDamagedByte() {
        let builder = Self.richTree()
        var opened = 0
        for offset in 1024..<4200 {
            for change in [UInt8(1), 0x80, 0xFF] {
                var damaged = builder
                damaged.bytes[offset] ^= change
                guard let image = try? damaged.open() else { continue }
                opened += 1
                var walk = BoundedWalk(image, limit: 2000)
                walk.run()
                #expect(walk.steps < 8000)
            }
        }
        #expect(opened > 9000)
    }

    @Test func survivesEveryLength() {
        let builder = Self.richTree()
        for length in stride(from: 0, to: builder.bytes.count, by: 7) {
            var cut = builder
            cut.bytes.removeSubrange(length...)
            guard let image = try? cut.open() else { continue }
            var walk = BoundedWalk(image, limit: 2000)
            walk.run()
            #expect(walk.steps < 8000)
        }
    }
}
