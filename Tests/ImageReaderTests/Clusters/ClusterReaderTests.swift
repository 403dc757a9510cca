// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import ImageReader
import TestSupport
import Testing

@Suite struct ClusterReaderTests {
    @Test(arguments: FixtureImage.encoded) func readsWholeFiles(name: String) throws {
        let image = try FixtureImage(name)
        let files = [
            ("seq", FixtureImage.sequence), ("both", FixtureImage.both), ("zeros", .init(repeating: 0, count: 9000)),
        ]
        for (file, content) in files {
            #expect(try image.read(image.file(file), at: 0, count: content.count + 1) == content, "\(file)")
        }
    }

    @Test(arguments: FixtureImage.encoded) func readsOddRanges(name: String) throws {
        let image = try FixtureImage(name)
        let inode = try image.file("both")
        let content = FixtureImage.both
        for step in [1000, 1, 511, 4096, 5001] {
            var offset = step == 1 ? content.count - 50 : 0
            while offset < content.count {
                let end = min(content.count, offset + step)
                #expect(
                    try image.read(inode, at: offset, count: step) == Array(content[offset..<end]), "\(offset)+\(step)")
                offset += step
            }
        }
        // Backwards, so that no read follows another.
        for offset in stride(from: content.count - 1, through: 0, by: -777) {
            let end = min(content.count, offset + 100)
            #expect(try image.read(inode, at: offset, count: 100) == Array(content[offset..<end]), "\(offset)")
        }
    }

    @Test(arguments: ["lz4-16k", "lzma", "zstd"]) func readsTheSameWithoutACache(name: String) throws {
        var settings = ImageReader.Settings()
        settings.decodedCacheBytes = 0
        let image = try FixtureImage(name, settings: settings)
        let inode = try image.file("seq")
        for offset in stride(from: 0, to: FixtureImage.sequence.count - 10, by: 1234) {
            let expected = Array(FixtureImage.sequence[offset..<offset + 10])
            #expect(try image.read(inode, at: offset, count: 10) == expected)
        }
    }

    @Test func leavesMuchDecodingToWorkers() throws {
        let image = try FixtureImage("lzma")
        let inode = try image.file("seq")
        do {
            _ = try image.read(inode, at: 0, count: FixtureImage.sequence.count, on: .serving)
            Issue.record("decoded on the serving thread")
        } catch ReadError.wouldBlock {}
    }

    @Test func decodesNoMoreThanTheHeadOfACluster() throws {
        // Another reader has brought the bytes into the page cache.
        let other = try FixtureImage("lzma")
        _ = try other.read(other.file("seq"), at: 0, count: FixtureImage.sequence.count)
        let image = try FixtureImage("lzma")
        let expected = Array(FixtureImage.sequence[..<100])
        #expect(try image.read(image.file("seq"), at: 0, count: 100, on: .serving) == expected)
    }

    @Test(arguments: ["deflate", "lz4", "lz4-wide", "lzma", "zstd", "zstd-wide", "lz4-tail"])
    func survivesDamagedClusters(name: String) throws {
        let folder = try TemporaryDirectory()
        let original = try bytes(ofFile: "\(FixtureImage.folder)/\(name).erofs")
        // Metadata stays as it is: only blocks behind the first are changed.
        for position in stride(from: 4096, to: original.count, by: 97) {
            var damaged = original
            damaged[position] ^= 0xFF
            let path = folder.path("image")
            try write(damaged, to: path)
            guard let image = try? FixtureImage(name, path: path) else { continue }
            for file in ["seq", "both"] {
                guard let inode = try? image.file(file) else { continue }
                _ = try? image.read(inode, at: 0, count: 20_000)
                _ = try? image.read(inode, at: 3000, count: 100)
            }
        }
    }
}
