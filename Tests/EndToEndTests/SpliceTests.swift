// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

extension EndToEnd {
    /// Large reads that are answered with pages of the image file, which nobody copies on the way.
    @Suite(.serialized, .requires(.root, .fuse, .tool("mkfs.erofs"), .linux(6, 5)))
    struct SpliceTests {
        private let directory: TemporaryDirectory
        private let tree: String
        /// The pipe is for requests that come through the device.
        private static let device = ["-o", "no_io_uring"]
        private static let sizes = [65_535, 65_536, 65_537, 131_072, 300_001, 1 << 20, (3 << 20) + 1234]

        init() throws {
            directory = try TemporaryDirectory()
            tree = try directory.makeDirectory("tree")
            for (index, size) in SpliceTests.sizes.enumerated() {
                try write(SourceTree.noise(size, seed: UInt64(90 + index)), to: "\(tree)/file-\(size)")
            }
        }

        /// Pipes that a process has open.
        private func pipes(of process: Int32) throws -> Int {
            try runToSuccess(["ls", "-l", "/proc/\(process)/fd"]).lines.count { $0.contains("pipe:") }
        }

        /// Mounts an image whose bytes are all in the page cache, and compares all files with the tree.
        private func compare(
            _ image: ErofsImage, as account: Account?, options: [String] = [], splices: Bool
        ) throws {
            let mountpoint = directory.path("mnt")
            mkdir(mountpoint, 0o755)
            if let account { chown(mountpoint, account.uid, account.gid) }
            for file in [image.path] + image.blobs {
                if let account { chown(file, account.uid, account.gid) }
                _ = try bytes(ofFile: file)
            }
            let mounted = try MountedImage(
                image.path, at: mountpoint, options: SpliceTests.device + options + image.deviceOptions, as: account)
            let before = try pipes(of: mounted.server.pid)
            #expect(try digests(mountpoint, as: account) == digests(tree))
            #expect(try pipes(of: mounted.server.pid) == before + (splices ? 2 : 0))
            let status = try program(["status", mountpoint], as: account).output
            #expect(status.contains(" SPLICE_WRITE") == !options.contains("no_splice"), "\(status)")
            try mounted.unmount(as: account)
        }

        @Test func ofTheImage() throws {
            let image = try ErofsImage.make("flat", from: tree, in: directory)
            try compare(image, as: nil, splices: true)
            try compare(image, as: nil, options: ["-o", "no_splice"], splices: false)
            // A reader's requests begin and end elsewhere then, or are more than a pipe has room for.
            try compare(image, as: nil, options: ["-o", "kernel-read-ahead=69632"], splices: true)
            try compare(image, as: nil, options: ["-o", "kernel-read-ahead=4194304"], splices: true)
        }

        @Test func ofALocalBlob() throws {
            let options = ["--chunksize=65536"]
            let image = try ErofsImage.make("chunks", from: tree, in: directory, options: options, blob: true)
            try compare(image, as: nil, splices: true)
        }

        @Test func forAnOrdinaryUser() throws {
            let user = try Account.unprivileged()
            let image = try ErofsImage.make("flat", from: tree, in: directory)
            try compare(image, as: user, splices: true)
        }

        /// The kernel may tell only the owner what is in the page cache; others get their bytes as ever.
        @Test func ofSomebodyElsesImage() throws {
            let user = try Account.unprivileged()
            let image = try ErofsImage.make("flat", from: tree, in: directory)
            let mountpoint = try directory.makeDirectory("mnt", ownedBy: user)
            let mounted = try MountedImage(image.path, at: mountpoint, options: SpliceTests.device, as: user)
            #expect(try digests(mountpoint, as: user) == digests(tree))
            try mounted.unmount(as: user)
        }

        /// What is not in the page cache is read by those who may wait for the disk.
        @Test func ofAColdImage() throws {
            let image = try ErofsImage.make("flat", from: tree, in: directory)
            sync()
            try dropCaches()
            let mountpoint = try directory.makeDirectory("mnt")
            let mounted = try MountedImage(image.path, at: mountpoint, options: SpliceTests.device)
            #expect(try digests(mountpoint) == digests(tree))
            try mounted.unmount()
        }
    }
}
