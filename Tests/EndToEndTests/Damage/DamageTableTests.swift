// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    /// Damaged images, one damage each: `check` names it, and what meets it gets the errno that Linux gives.
    @Suite(.serialized, .requires(.root, .fuse))
    struct DamageTableTests {
        private static let damages = (try? Damage.all()) ?? []

        @Test func theTableIsWhole() throws { #expect(try Damage.all().count >= 100) }

        @Test(arguments: damages) func isNamedAndAnsweredAsLinuxDoes(_ damage: Damage) throws {
            let directory = try TemporaryDirectory()
            let image = directory.path("image")
            try damage.write(to: image)
            let mountpoint = try directory.makeDirectory("mnt")
            if let kernel = KernelOracle.answer(to: damage, of: image, at: mountpoint) {
                #expect(kernel == damage.answer, "Linux")
            }
            let options = damage.blobs.flatMap { ["--device", $0] }
            let check = try program(["check"] + options + [image])
            #expect(check.status == 1)
            #expect((check.output + check.errors).contains(damage.words), "\(check.output)\(check.errors)")
            try expectAnswer(to: damage, of: image, options, at: mountpoint)
        }

        private func expectAnswer(to damage: Damage, of image: String, _ options: [String], at mountpoint: String)
            throws
        {
            if case .mount = damage.probe {
                let mount = try program(["mount"] + options + [image, mountpoint])
                #expect(mount.status == 1)
                #expect(mount.errors.split(separator: "\n").count == 1, "\(mount.errors)")
                #expect(try MountTable.entry(at: mountpoint) == nil)
                return
            }
            let mounted = try MountedImage(image, at: mountpoint, options: options)
            // Its end is the server's, which is faster than to unmount it.
            withExtendedLifetime(mounted) { #expect(damage.probe.answer(below: mountpoint) == damage.answer) }
        }
    }
}
