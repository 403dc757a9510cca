// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    @Suite(.serialized, .requires(.root, .fuse, .tool("mkfs.erofs"), .tool("nginx")))
    struct LazyFetchTests {
        static let window = 128 * 1024

        /// Large enough that a part is a small part: two blobs, 96 MiB together.
        private func sources() throws -> TemporaryDirectory {
            let sources = try TemporaryDirectory()
            for number in 0..<6 {
                try write(SourceTree.noise(16 << 20, seed: UInt64(number)), to: sources.path("large-\(number)"))
            }
            try write(SourceTree.noise(4096, seed: 99), to: sources.path("small"))
            return sources
        }

        @Test func aSmallReadMovesTwoWindowsAtMostAndOnlyOnce() throws {
            let sources = try sources()
            let user = try Account.unprivileged()
            let lazy = try LazyImage(of: sources.path, as: user)
            let mounted = try lazy.mount()
            let small = try lazy.read("small", count: 4096)
            #expect(small.bytes == SourceTree.noise(4096, seed: 99))
            let first = try lazy.server.requests().fetches
            #expect(first.allSatisfy { $0.status == 206 })
            #expect(first.totalBytes > 0 && first.totalBytes <= 2 * LazyFetchTests.window)

            #expect(try lazy.read("small", count: 4096).bytes == small.bytes)
            #expect(try lazy.server.requests().fetches.count == first.count)
            try mounted.unmount(as: user)

            let again = try lazy.mount()
            #expect(try lazy.read("small", count: 4096).bytes == small.bytes)
            #expect(try lazy.server.requests().fetches.count == first.count)
            try again.unmount(as: user)
        }

        @Test func theCacheServesWithoutTheServer() throws {
            let sources = try sources()
            let user = try Account.unprivileged()
            let lazy = try LazyImage(of: sources.path, as: user)
            let expected = SourceTree.noise(16 << 20, seed: 0)
            let mounted = try lazy.mount()
            #expect(try lazy.read("large-0", count: 300_000).bytes == Array(expected.prefix(300_000)))
            lazy.server.stop()
            #expect(try lazy.read("large-0", count: 300_000).bytes == Array(expected.prefix(300_000)))
            try mounted.unmount(as: user)

            for more in [[], ["--offline"]] {
                let again = try lazy.mount(more)
                #expect(try lazy.read("large-0", count: 300_000).bytes == Array(expected.prefix(300_000)))
                let cold = try lazy.read("large-5", offset: 8 << 20, count: 4096)
                #expect(cold.status == 1)
                #expect(cold.errors.contains("Input/output error"))
                try again.unmount(as: user)
            }
        }

        @Test func aColdFileWorksAgainWhenTheServerIsBack() throws {
            let sources = try sources()
            let user = try Account.unprivileged()
            let lazy = try LazyImage(of: sources.path, as: user)
            let mounted = try lazy.mount()
            lazy.server.stop()
            #expect(try lazy.read("large-5", offset: 8 << 20, count: 4096).errors.contains("Input/output error"))
            try lazy.server.start()
            let expected = SourceTree.noise(16 << 20, seed: 5)[(8 << 20)...].prefix(4096)
            // A source that has just failed may be left alone for a moment before it is asked again.
            try eventually("the cold file") {
                try lazy.read("large-5", offset: 8 << 20, count: 4096).bytes == Array(expected)
            }
            try mounted.unmount(as: user)
        }

        @Test func blobsMayLieInADirectory() throws {
            let sources = try sources()
            let lazy = try LazyImage(of: sources.path)
            for remote in [lazy.blobs, "file://\(lazy.blobs)"] {
                let mounted = try lazy.mount(remote: remote)
                #expect(try lazy.read("small", count: 4096).bytes == SourceTree.noise(4096, seed: 99))
                try mounted.unmount()
                try runToSuccess(["rm", "-rf", lazy.cache])
            }
            #expect(try lazy.server.requests().isEmpty)
        }

        @Test func devicesMayBeFilesAsTheyAre() throws {
            let sources = try sources()
            let lazy = try LazyImage(of: sources.path)
            let mounted = try MountedImage(lazy.image.path, at: lazy.mountpoint, options: lazy.image.deviceOptions)
            #expect(try lazy.read("small", count: 4096).bytes == SourceTree.noise(4096, seed: 99))
            try mounted.unmount()
        }
    }
}
