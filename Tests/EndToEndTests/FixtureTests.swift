// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    @Suite(.serialized, .requires(.root, .fuse, .fileSystem("erofs")))
    struct FixtureTests {
        /// Small images of what mkfs.erofs 1.5 cannot make; Fixtures/make.sh made them.
        @Test func everyFixtureEqualsTheKernels() throws {
            let folder = "\(PackageFiles.root)/Tests/EndToEndTests/Fixtures"
            let files = try runToSuccess(["ls", folder]).lines
            let images = files.filter { $0.hasSuffix(".erofs") }
            #expect(images.count >= 45)
            for name in images {
                let stem = String(name.dropLast(6))
                let blobs = (1...9).map { "\(stem).\($0)" }.filter(files.contains)
                try compare(ErofsImage(path: "\(folder)/\(name)", blobs: blobs.map { "\(folder)/\($0)" }))
            }
        }

        private func compare(_ image: ErofsImage) throws {
            let directory = try TemporaryDirectory()
            let kernel = try KernelMount(image, at: directory.makeDirectory("kernel"))
            let mountpoint = try directory.makeDirectory("mnt")
            let mounted = try MountedImage(image.path, at: mountpoint, options: image.deviceOptions)
            let differences = try TreeListing(of: mountpoint).differences(from: TreeListing(of: kernel.mountpoint))
            #expect(differences.isEmpty, "\(image.path)")
            try mounted.unmount()
            let check = try program(["check"] + image.deviceOptions + [image.path])
            #expect(check.status == 0, "\(image.path): \(check.errors)")
        }
    }
}
