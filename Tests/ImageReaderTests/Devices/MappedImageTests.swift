// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import Foundation
import Glibc
import TestSupport
import Testing

@testable import ImageReader

@Suite struct MappedImageTests {
    /// How many pages of a mapping this process has in its page table.
    private func resident(_ path: String) throws -> Int {
        let file = try #require(FileHandle(forReadingAtPath: "/proc/self/smaps"))
        let maps = String(decoding: try #require(try file.readToEnd()), as: UTF8.self)
        let parts = maps.components(separatedBy: "\n")
        let start = try #require(parts.firstIndex { $0.hasSuffix(path) })
        let line = try #require(parts[start...].first { $0.hasPrefix("Rss:") })
        return try #require(Int(line.split(separator: " ")[1])) / 4
    }

    @Test func releasedPagesComeBackWithTheSameBytes() throws {
        let directory = try TemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
        let path = directory.path + "/image"
        let content = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 >> 12) }
        #expect(FileManager.default.createFile(atPath: path, contents: Data(content)))
        let image = try MappedImage(try LocalFile(path: path))
        let bytes = image.bytes
        func sum() throws -> Int {
            try stride(from: 0, to: content.count, by: 4096).reduce(0) { sum, place in
                sum + Int(try bytes.record(at: UInt64(place), count: 1).u8(0))
            }
        }
        let expected = (0..<256).reduce(0, +)
        #expect(try sum() == expected)
        #expect(try resident(path) > 0)
        image.releasePages()
        #expect(try resident(path) == 0)
        #expect(try sum() == expected)
        #expect(!image.wasCut)
    }

    /// The page cache still has what was let go: nobody needs to ask the disk for it again.
    @Test func releasedPagesStayKnown() throws {
        let directory = try TemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
        let path = directory.path("image")
        try write(SourceTree.noise(1 << 20, seed: 3), to: path)
        let image = try MappedImage(try LocalFile(path: path))
        let seen = try #require(image.ahead).seen
        _ = try image.bytes.record(at: 100_000, count: 4)
        #expect(seen.has(100_000, 4))
        #expect(!seen.has(300_000, 4))
        image.releasePages()
        #expect(seen.has(100_000, 4))
        try #require(image.ahead).forget()
        #expect(!seen.has(100_000, 4))
    }
}
