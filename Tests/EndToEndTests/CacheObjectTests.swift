// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    @Suite(.serialized, .requires(.root, .fuse, .tool("mkfs.erofs"), .tool("nginx")))
    struct CacheObjectTests {
        /// What is cached is a sparse file that ordinary tools can read and compare.
        @Test func objectsAreSparseAndEqualTheirBlobs() throws {
            let sources = try TemporaryDirectory()
            for number in 0..<4 {
                try write(SourceTree.noise(8 << 20, seed: UInt64(number)), to: sources.path("file-\(number)"))
            }
            let lazy = try LazyImage(of: sources.path)
            let mounted = try lazy.mount()
            var before = try allocated(below: lazy.cache)
            for number in 0..<4 {
                #expect(try lazy.read("file-\(number)", offset: 1 << 20, count: 1 << 20).succeeded)
                let after = try allocated(below: lazy.cache)
                #expect(after > before)
                before = after
            }
            let status = try program(["status", lazy.mountpoint])
            #expect(status.succeeded, "\(status.errors)")
            try mounted.unmount()
            try compareObjects(of: lazy)
        }

        private func compareObjects(of lazy: LazyImage) throws {
            for blob in lazy.image.blobs {
                let size = try sizes(ofFile: blob).size
                let name = blob.split(separator: "/").last.map(String.init) ?? ""
                let found = try runToSuccess(["find", lazy.cache, "-type", "f", "-name", "D*\(name)*"]).lines
                let object = try #require(found.first, "no cache object of \(name)")
                let kept = try sizes(ofFile: object)
                #expect(kept.size <= size)
                #expect(kept.allocated > 0 && kept.allocated < size / 2)
                let wrong = try differences(between: object, and: blob)
                #expect(wrong == 0)
            }
        }

        /// How many 4 KiB blocks of a cache object hold data that is not the blob's; holes count as right.
        private func differences(between object: String, and blob: String) throws -> Int {
            let kept = try bytes(ofFile: object)
            let whole = try bytes(ofFile: blob)
            let zeroes = [UInt8](repeating: 0, count: 4096)
            return stride(from: 0, to: kept.count, by: 4096).count { start in
                let block = kept[start..<min(start + 4096, kept.count)]
                return !block.elementsEqual(zeroes.prefix(block.count)) && !block.elementsEqual(whole[block.indices])
            }
        }

        private func allocated(below directory: String) throws -> Int {
            let answer = try runToSuccess(["du", "-s", "--block-size=1", directory]).output
            return Int(answer.prefix { $0.isNumber }) ?? 0
        }
    }
}
