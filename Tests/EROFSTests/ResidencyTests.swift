// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import EROFS

@Suite struct ResidencyTests {
    /// A cache of 64-byte units in which nothing is there at first.
    private final class PartialFile: Residency {
        private let units = Mutex<Set<UInt64>>([])

        func isResident(offset: UInt64, count: Int) -> Bool {
            guard count > 0 else { return true }
            return units.withLock { $0.isSuperset(of: offset / 64...(offset + UInt64(count) - 1) / 64) }
        }

        func fetch(offset: UInt64, count: Int) {
            units.withLock { $0.formUnion(offset / 64...(offset + UInt64(count) - 1) / 64) }
        }

        var unitCount: Int { units.withLock { $0.count } }
    }

    private let file = PartialFile()

    /// Does `body` again and again, fetching what it lacks, up to a number of times.
    private func fetching<Result>(_ body: () throws -> Result) throws -> Result {
        for _ in 0..<100 {
            do { return try body() } catch ImageError.notResident(let offset, let count) {
                #expect(!file.isResident(offset: offset, count: count))
                file.fetch(offset: offset, count: count)
            }
        }
        throw ImageError.truncated(size: 0)
    }

    @Test func readsNoByteThatIsNotThere() throws {
        // Absent bytes are garbage: whoever reads them early finds another tree.
        let builder = CorruptionTests.richTree()
        let bytes = ImageBytes.copying(builder.bytes, residency: file)
        #expect(throws: ImageError.notResident(offset: 1024, count: 128)) { try Image(bytes) }
        let image = try fetching { try Image(bytes) }
        let opened = file.unitCount
        #expect(opened <= 8)
        let root = try fetching { try image.inode(image.root) }
        let directory = try fetching { try image.directory(root) }
        let nid = try fetching {
            try Array("plain".utf8).withUnsafeBytes { key in try directory.lookup(key)?.nid }
        }
        let found = try #require(nid)
        #expect(try fetching { try image.inode(found) }.size == 5000)
    }

    @Test func countsFromTheStartOfTheFile() throws {
        let inner = ImageBuilder.smallTree()
        let bytes = ImageBytes.copying([UInt8](repeating: 0, count: 640) + inner.bytes, residency: file)
        #expect(throws: ImageError.notResident(offset: 1664, count: 128)) { try Image(bytes, offset: 640) }
    }

    @Test func mergesOnlyChunksWhoseEntriesAreThere() throws {
        var builder = ImageBuilder.smallTree()
        builder.put(.init(format: 8, mode: 0o100644, size: 32 * 4096), at: 50 * 32)
        for index in 0..<32 { builder.put(UInt32(100 + index), at: 51 * 32 + 4 * index) }
        file.fetch(offset: 1024, count: 704)
        let image = try Image(.copying(builder.bytes, residency: file))
        let inode = try image.inode(NodeID(rawValue: 50))
        #expect(try image.extent(of: inode, at: 0).length == 4096)
        #expect(throws: ImageError.notResident(offset: 51 * 32 + 4 * 24, count: 4)) {
            try image.extent(of: inode, at: 24 * 4096)
        }
        file.fetch(offset: 51 * 32, count: 128)
        #expect(try image.extent(of: inode, at: 0).length == 32 * 4096)
    }
}
