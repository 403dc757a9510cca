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
            let mounted = try lazy.mount(["--read-ahead", "0"])
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

        /// What is fetched is noted as being on the disk while the mount goes on; with `none`, when it ends.
        ///
        /// A copy of the cache is made to look as after a new start of the machine, when nothing else counts.
        @Test(arguments: ["batched", "every", "none"])
        func whatIsOnTheDiskIsNotedWhileMounted(policy: String) throws {
            let sources = try TemporaryDirectory()
            try write(SourceTree.noise(2 << 20, seed: 12), to: sources.path("file"))
            let lazy = try LazyImage(of: sources.path)
            let mounted = try lazy.mount(["--fsync", policy])
            #expect(try lazy.read("file", count: 2 << 20).succeeded)
            if policy == "none" {
                #expect(try presentAfterRestart(lazy) == 0)
                try mounted.unmount()
                #expect(try presentAfterRestart(lazy) >= 2 << 20)
            } else {
                try eventually("all of it on the disk") { try presentAfterRestart(lazy) >= 2 << 20 }
                try mounted.unmount()
            }
        }

        /// Bytes that a copy of the cache has when its maps are another machine start's.
        private func presentAfterRestart(_ lazy: LazyImage) throws -> Int {
            let copy = try TemporaryDirectory()
            try runToSuccess(["cp", "-a", lazy.cache, copy.path("cache")])
            for map in try runToSuccess(["find", copy.path("cache"), "-name", "MD*"]).lines {
                try runToSuccess(
                    ["dd", "if=/dev/zero", "of=\(map)", "bs=1", "seek=32", "count=16", "conv=notrunc", "status=none"])
            }
            let listed = try program(["cache", "ls", "--json", "--cache-dir", copy.path("cache")])
            let numbers = listed.output.filter { $0 != " " }.split(separator: "\n").filter {
                $0.hasPrefix("\"present\":")
            }
            return numbers.reduce(0) { $0 + (Int($1.drop { !$0.isNumber }.prefix { $0.isNumber }) ?? 0) }
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
