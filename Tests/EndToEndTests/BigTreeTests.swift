// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    @Suite(.serialized, .requires(.root, .fuse, .fileSystem("erofs"), .tool("mkfs.erofs"), .tool("nginx")))
    struct BigTreeTests {
        /// 20,000 files, a directory of 10,000 entries and something of everything, in two blobs.
        @Test func lazyMountEqualsTheKernels() throws {
            let sources = try TemporaryDirectory()
            let tree = try SourceTree(at: sources.path("tree"), files: 20_000)
            let user = try Account.unprivileged()
            let lazy = try LazyImage(of: tree.path, as: user)
            let expected = try kernelListing(of: lazy)
            #expect(expected.count > 30_000)

            let mounted = try lazy.mount()
            // What a user may see of a kernel mount lacks the names that only root may read.
            let seen = try TreeListing(of: lazy.mountpoint, as: user, ignoring: ["trusted."])
            #expect(seen.differences(from: expected).isEmpty)
            try mounted.unmount(as: user)

            lazy.server.stop()
            let again = try lazy.mount(["--offline"])
            let cached = try TreeListing(of: lazy.mountpoint, as: user, ignoring: ["trusted."])
            #expect(cached.differences(from: expected).isEmpty)
            try again.unmount(as: user)
        }

        private func kernelListing(of lazy: LazyImage) throws -> TreeListing {
            let directory = try TemporaryDirectory()
            let kernel = try KernelMount(lazy.image, at: directory.makeDirectory("kernel"))
            return try TreeListing(of: kernel.mountpoint, ignoring: ["trusted."])
        }
    }
}
