// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

extension EndToEnd {
    @Suite(.serialized, .requires(.root, .fuse, .tool("mkfs.erofs"), .tool("fusermount3")))
    struct DoctorTests {
        private let directory: TemporaryDirectory
        private let image: ErofsImage
        private let mountpoint: String
        private let user: Account

        init() throws {
            directory = try TemporaryDirectory()
            let tree = try directory.makeDirectory("tree")
            try write("hello\n", to: "\(tree)/file")
            image = try ErofsImage.make("image", from: tree, in: directory)
            mountpoint = try directory.makeDirectory("a mount")
            user = try Account.unprivileged()
            try runToSuccess(["chmod", "755", directory.path("")])
            try runToSuccess(["chown", "\(user.uid):\(user.gid)", mountpoint])
        }

        private func doctor(_ options: String...) throws -> Outcome { try program(["doctor"] + options, as: user) }

        @Test func aLiveMountIsLeftAlone() throws {
            let mounted = try MountedImage(image.path, at: mountpoint, as: user)
            #expect(try !doctor("--clean").output.contains(mountpoint))
            #expect(try runToSuccess(["cat", "\(mountpoint)/file"], as: user).output == "hello\n")
            try mounted.unmount(as: user)
        }

        @Test func whatAKilledServerLeavesIsFoundAndTakenAway() throws {
            let mounted = try MountedImage(image.path, at: mountpoint, as: user)
            mounted.server.kill()
            _ = try mounted.server.wait()
            let found = try doctor()
            #expect(found.status == 1)
            #expect(found.output.contains("\(mountpoint) is stale"), "\(found.output)\(found.errors)")
            #expect(found.output.contains("swift-erofs-fuse doctor --clean"))
            let json = try doctor("--json")
            #expect(json.status == 1)
            #expect(json.output.contains(#""state" : "lacking""#))
            let cleaned = try doctor("--clean")
            #expect(cleaned.output.contains("is unmounted now"), "\(cleaned.output)\(cleaned.errors)")
            #expect(try MountTable.entry(at: mountpoint) == nil)
        }
    }
}
