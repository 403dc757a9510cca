// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    @Suite(.serialized, .requires(.root, .fuse, .fileSystem("erofs"), .tool("mkfs.erofs")))
    struct ImageKindTests {
        /// Each kind of image that the distribution's mkfs.erofs makes, as root and as an ordinary user.
        @Test func everyKindEqualsTheKernels() throws {
            let sources = try TemporaryDirectory()
            let tree = try SourceTree(at: sources.path("tree"), files: 300, entries: 600)
            for kind in ImageKind.uncompressed + ImageKind.compressed {
                do { try compare(kind, of: tree) } catch { Issue.record("\(kind.name): \(error)") }
            }
        }

        private func compare(_ kind: ImageKind, of tree: SourceTree) throws {
            let user = try Account.unprivileged()
            let directory = try TemporaryDirectory(ownedBy: user)
            let image = try make(kind, of: tree, in: directory)
            let expected = try kernelListing(of: image, offset: kind.offset)
            for account in [nil, user] {
                let seen = try listing(of: image, offset: kind.offset, in: directory, as: account)
                let differences = seen.differences(from: expected.filtered(account == nil ? [] : ["trusted."]))
                #expect(differences.isEmpty, "\(kind.name)")
            }
            let check = try program(["check"] + options(image, offset: kind.offset) + [image.path])
            #expect(check.status == 0, "\(kind.name): \(check.errors)")
        }

        private func make(_ kind: ImageKind, of tree: SourceTree, in directory: TemporaryDirectory) throws -> ErofsImage
        {
            let image = try ErofsImage.make(
                "image", from: tree.path, in: directory, options: kind.options, blob: kind.blob)
            guard kind.offset > 0 else { return image }
            let moved = directory.path("moved.erofs")
            let prefix = [UInt8](repeating: 0xA5, count: kind.offset)
            try write(prefix + bytes(ofFile: image.path), to: moved)
            return ErofsImage(path: moved, blobs: image.blobs)
        }

        private func kernelListing(of image: ErofsImage, offset: Int) throws -> TreeListing {
            let directory = try TemporaryDirectory()
            let kernel = try KernelMount(image, at: directory.makeDirectory("kernel"), offset: offset)
            return try TreeListing(of: kernel.mountpoint)
        }

        private func listing(
            of image: ErofsImage, offset: Int, in directory: TemporaryDirectory, as account: Account?
        ) throws -> TreeListing {
            let mountpoint = try directory.makeDirectory(account == nil ? "root" : "user", ownedBy: account)
            let mounted = try MountedImage(
                image.path, at: mountpoint, options: options(image, offset: offset), as: account)
            let seen = try TreeListing(of: mountpoint, as: account, ignoring: account == nil ? [] : ["trusted."])
            try mounted.unmount(as: account)
            return seen
        }

        private func options(_ image: ErofsImage, offset: Int) -> [String] {
            image.deviceOptions + (offset > 0 ? ["-o", "offset=\(offset)"] : [])
        }
    }
}
