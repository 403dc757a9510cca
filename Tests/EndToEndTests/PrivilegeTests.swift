// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    /// What the image can give of the powers of root, against the kernel's mount with the same options.
    @Suite(
        .serialized,
        .requires(.root, .fuse, .fileSystem("erofs"), .tool("mkfs.erofs"), .tool("getcap"), .tool("setcap")))
    struct PrivilegeTests {
        private let directory: TemporaryDirectory
        private let image: ErofsImage
        private let kernel: KernelMount
        private let mountpoint: String
        private let user: Account

        init() throws {
            directory = try TemporaryDirectory()
            user = try Account.unprivileged()
            let script = """
                mkdir '\(directory.path("tree"))' && cd '\(directory.path("tree"))'
                cp "$(command -v id)" id && chmod 4755 id
                cp "$(command -v grep)" grep && setcap cap_net_raw+ep grep
                mknod null c 1 3 && chmod 666 null
                """
            try runToSuccess(["sh", "-ec", script])
            image = try ErofsImage.make("image", from: directory.path("tree"), in: directory)
            kernel = try KernelMount(image, at: directory.makeDirectory("kernel"))
            mountpoint = try directory.makeDirectory("mnt")
        }

        /// What an ordinary user gets from a mount: the set-id program's user, the capabilities of the other, the device.
        private func powers(at place: String) throws -> [String] {
            let device = try run(["head", "-c", "1", "\(place)/null"], as: user)
            return try [
                run(["\(place)/id", "-u"], as: user).output,
                run(["\(place)/grep", "CapEff", "/proc/self/status"], as: user).output,
                device.succeeded ? "opens" : String(device.errors.split(separator: ":").last ?? ""),
            ].map { String($0.split { " \t\n".contains($0) }.joined(separator: " ")) }
        }

        @Test func setIDBitsCapabilitiesAndDevicesDoNothing() throws {
            try runToSuccess(["mount", "-o", "remount,bind,nosuid,nodev", kernel.mountpoint])
            let mounted = try MountedImage(image.path, at: mountpoint, options: ["-o", "allow_other"])
            let powers = try powers(at: mountpoint)
            #expect(powers == ["\(user.uid)", "CapEff: 0000000000000000", "Permission denied"])
            #expect(try powers == self.powers(at: kernel.mountpoint))
            #expect(try runToSuccess(["getcap", "\(mountpoint)/grep"]).output.contains("cap_net_raw=ep"))
            #expect(try runToSuccess(["stat", "-c", "%a", "\(mountpoint)/id"]).output == "4755\n")
            try mounted.unmount()
        }

        /// mount(8) gives these options to its helper when root calls it.
        @Test func rootMayLetThemWork() throws {
            let mounted = try MountedImage(image.path, at: mountpoint, options: ["-o", "allow_other,suid,dev"])
            let powers = try powers(at: mountpoint)
            #expect(powers == ["0", "CapEff: 0000000000002000", "opens"])
            #expect(try powers == self.powers(at: kernel.mountpoint))
            try mounted.unmount()
        }

        @Test(.requires(.tool("fusermount3"))) func anOrdinaryUserMayNot() throws {
            try runToSuccess(["chown", "\(user.uid)", mountpoint])
            let mounted = try MountedImage(image.path, at: mountpoint, options: ["-o", "suid,dev"], as: user)
            #expect(try powers(at: mountpoint) == ["\(user.uid)", "CapEff: 0000000000000000", "Permission denied"])
            try mounted.unmount(as: user)
        }
    }
}
