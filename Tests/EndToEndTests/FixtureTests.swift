// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    @Suite(.serialized, .requires(.root, .fuse, .fileSystem("erofs")))
    struct FixtureTests {
        private static let folder = "\(PackageFiles.root)/Tests/EndToEndTests/Fixtures"
        private static let files = (try? runToSuccess(["ls", folder]).lines) ?? []
        /// Small images of what mkfs.erofs 1.5 cannot make; Fixtures/make.sh made them.
        private static let names = files.filter { $0.hasSuffix(".erofs") }.map { String($0.dropLast(6)) }

        @Test func theFixturesAreThere() { #expect(FixtureTests.names.count >= 45) }

        @Test(arguments: names) func equalsTheKernels(_ name: String) throws {
            let folder = FixtureTests.folder
            let blobs = (1...9).map { "\(name).\($0)" }.filter(FixtureTests.files.contains)
            try compare(ErofsImage(path: "\(folder)/\(name).erofs", blobs: blobs.map { "\(folder)/\($0)" }))
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
