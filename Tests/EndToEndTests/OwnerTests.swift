// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

extension EndToEnd {
    @Suite(
        .serialized,
        .requires(.root, .fuse, .tool("mkfs.erofs"), .tool("fusermount3"), .tool("setpriv"), .tool("unshare")))
    struct OwnerTests {
        private let directory: TemporaryDirectory
        private let image: ErofsImage
        private let mountpoint: String
        private let user: Account

        init() throws {
            directory = try TemporaryDirectory()
            user = try Account.unprivileged()
            let tree = try directory.makeDirectory("tree")
            for (name, owner) in [("root", "0:0"), ("daemon", "1:1"), ("far", "70000:70001")] {
                try write("\(name)\n", to: "\(tree)/\(name)")
                try runToSuccess(["chown", owner, "\(tree)/\(name)"])
            }
            try runToSuccess(["chmod", "600", "\(tree)/root", "\(tree)/daemon"])
            try runToSuccess(["setfacl", "-m", "u:1:r,g:1:r", "\(tree)/far"])
            image = try ErofsImage.make("image", from: tree, in: directory)
            mountpoint = try directory.makeDirectory("mnt", ownedBy: user)
        }

        private func owners(_ options: [String], as account: Account? = nil) throws -> [String] {
            let mounted = try MountedImage(image.path, at: mountpoint, options: options, as: account)
            let command = ["find", mountpoint, "-mindepth", "1", "-printf", "%f %U:%G\n"]
            let lines = try runToSuccess(command, as: account).output.split(separator: "\n").map(String.init).sorted()
            try mounted.unmount(as: account)
            return lines
        }

        @Test func ownersShowAsTheRangesSay() throws {
            #expect(try owners([]) == ["daemon 1:1", "far 70000:70001", "root 0:0"])
            let maps = ["--uid-map", "0:\(user.uid):1", "--uid-map", "1:100000:65535", "-o", "gid-map=0:200000:65536"]
            #expect(
                try owners(maps, as: user) == [
                    "daemon 100000:200001", "far 65534:65534", "root \(user.uid):200000",
                ])
            #expect(try owners(["--squash-to-root"]) == ["daemon 0:0", "far 0:0", "root 0:0"])
        }

        /// Without a map the mounting user may read only what everybody may.
        @Test func theKernelChecksPermissionsByTheShownOwners() throws {
            let options = ["-o", "default_permissions", "--uid-map", "0:\(user.uid):1"]
            let mounted = try MountedImage(image.path, at: mountpoint, options: options, as: user)
            #expect(try run(["cat", "\(mountpoint)/root"], as: user).output == "root\n")
            #expect(try run(["cat", "\(mountpoint)/daemon"], as: user).errors.contains("Permission denied"))
            try mounted.unmount(as: user)
        }

        @Test(.requires(.tool("getfacl"))) func accessControlListsShowTheSameIDs() throws {
            let mounted = try MountedImage(image.path, at: mountpoint, options: ["--uid-map", "0:500:2"])
            let list = try runToSuccess(["getfacl", "-n", "-c", "\(mountpoint)/far"]).output
            #expect(list.contains("user:501:r--"), "\(list)")
            #expect(list.contains("group:1:r--"))
            try mounted.unmount()
        }

        @Test func allowOtherComesWithPermissionChecks() throws {
            let mounted = try MountedImage(image.path, at: mountpoint, options: ["-o", "allow_other"])
            #expect(try #require(try MountTable.entry(at: mountpoint)).options.contains("default_permissions"))
            #expect(try run(["cat", "\(mountpoint)/far"], as: user).output == "far\n")
            #expect(try run(["cat", "\(mountpoint)/root"], as: user).errors.contains("Permission denied"))
            try mounted.unmount()
        }

        /// A shifted mount of the mount (`mount -o bind,X-mount.idmap=...`) shows what one of the kernel's EROFS shows.
        @Test(.requires(.linux(6, 12), .fileSystem("erofs"), .tool("python3"))) func idmappedMountsShiftOwners() throws
        {
            let kernel = try KernelMount(image, at: directory.makeDirectory("kernel"))
            let mounted = try MountedImage(image.path, at: mountpoint, options: ["-o", "allow_other"])
            #expect(try program(["status", mountpoint]).output.contains("ALLOW_IDMAP"))
            let probe = "\(PackageFiles.root)/Tests/EndToEndTests/Probes/idmapped_mount.py"
            let shifted = try [kernel.mountpoint, mountpoint].map { place in
                let shifted = try directory.makeDirectory("shifted-\(place.split(separator: "/").last ?? "")")
                try runToSuccess(["python3", probe, place, shifted, "100000"])
                return shifted
            }
            let listings = try shifted.map { try TreeListing(of: $0) }
            #expect(listings[1].differences(from: listings[0]).isEmpty)
            let owners = try runToSuccess(["find", shifted[1], "-mindepth", "1", "-printf", "%f %U:%G\n"]).lines
            #expect(owners.sorted() == ["daemon 100001:100001", "far 65534:65534", "root 100000:100000"])
            // The kernel checks permissions by the shifted owners.
            for place in shifted {
                let asRoot = ["setpriv", "--reuid=100000", "--regid=100000", "--clear-groups", "cat"]
                #expect(try run(asRoot + ["\(place)/root"]).output == "root\n")
                #expect(try run(asRoot + ["\(place)/daemon"]).errors.contains("Permission denied"))
            }
            try runToSuccess(["umount", shifted[1]])
            try mounted.unmount()
        }

        /// What `mount_setattr` says of a mount that did not agree.
        private func refusal(of options: [String]) throws -> String {
            let mounted = try MountedImage(image.path, at: mountpoint, options: options)
            defer { mounted.abandon() }
            #expect(try !program(["status", mountpoint]).output.contains("ALLOW_IDMAP"))
            let probe = "\(PackageFiles.root)/Tests/EndToEndTests/Probes/idmapped_mount.py"
            return try run(["python3", probe, mountpoint, directory.path, "100000"]).errors
        }

        /// The kernel takes them only where it checks permissions, and fails the mount otherwise.
        @Test(.requires(.tool("python3"))) func idmappedMountsAreOnlyAgreedOnWhereTheyMayBe() throws {
            for options in [["-o", "no_idmap"], ["-o", "allow_other,no_idmap"]] {
                #expect(try refusal(of: options).contains("mount_setattr: Invalid argument"))
            }
        }

        /// The kernel does not tell who asks where mounts may be idmapped, and leaves it to us whom these names are for.
        @Test func onlyRootIsToldOfTrustedAttributes() throws {
            try runToSuccess(["setfattr", "-n", "trusted.secret", "-v", "1", directory.path("tree/far")])
            let image = try ErofsImage.make("trusted", from: directory.path("tree"), in: directory)
            for options in ["allow_other", "allow_other,no_idmap"] {
                let mounted = try MountedImage(image.path, at: mountpoint, options: ["-o", options])
                let list = ["getfattr", "-m", "-", "\(mountpoint)/far"]
                #expect(try run(list).output.contains("trusted.secret"))
                let names = try run(list, as: user).output
                #expect(names.contains("system.posix_acl_access") && !names.contains("trusted"), "\(names)")
                try mounted.unmount()
            }
        }

        /// fusermount3 refuses allow_other unless /etc/fuse.conf allows it, which a private mount namespace hides here.
        @Test func whatFusermountRefusesIsAFailure() throws {
            let empty = directory.path("fuse.conf")
            try write("", to: empty)
            let script = """
                set -e
                [ -e /etc/fuse.conf ] && mount --bind \(empty) /etc/fuse.conf
                exec setpriv --reuid=\(user.uid) --regid=\(user.gid) --clear-groups                     \(try PackageFiles.program()) mount -o allow_other \(image.path) \(mountpoint)
                """
            let outcome = try run(["unshare", "--mount", "sh", "-c", script], environment: MountedImage.environment)
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("user_allow_other"), "\(outcome.errors)")
            #expect(outcome.errors.contains("swift-erofs-fuse: \(mountpoint): cannot mount"), "\(outcome.errors)")
            #expect(try MountTable.entry(at: mountpoint) == nil)
        }

        /// In a user namespace the program opens the device and mounts by itself: fusermount3 is out of reach here.
        @Test func mountsInAUserNamespaceWithoutFusermount() throws {
            guard try run(["unshare", "--user", "--map-root-user", "--mount", "true"], as: user).status == 0 else {
                return print("skipped: this machine allows no user namespaces")
            }
            let script = """
                set -e
                mount --bind /dev/null "$(command -v fusermount3)"
                program=\(try PackageFiles.program())
                $program mount -o allow_other \(image.path) \(mountpoint)
                stat -c %u:%g \(mountpoint)/root
                cat \(mountpoint)/far
                $program doctor | grep 'mounts '
                $program umount \(mountpoint)
                """
            let outcome = try run(
                ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script], as: user,
                environment: MountedImage.environment)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.hasPrefix("0:0\nfar\n"), "\(outcome.output)")
            #expect(outcome.output.contains("of this program, none stale"))
        }
    }
}
