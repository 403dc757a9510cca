// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

extension EndToEnd {
    @Suite(.serialized, .requires(.root, .fuse, .tool("mkfs.erofs"), .tool("fusermount3")))
    struct MountCommandTests {
        private let directory: TemporaryDirectory
        private let image: ErofsImage
        private let mountpoint: String

        init() throws {
            directory = try TemporaryDirectory()
            let tree = try directory.makeDirectory("tree")
            try write("hello\n", to: "\(tree)/file")
            try runToSuccess(["ln", "-s", "file", "\(tree)/link"])
            image = try ErofsImage.make("image", from: tree, in: directory)
            mountpoint = try directory.makeDirectory("mnt")
        }

        @Test func theBackgroundCommandReturnsWhenTheMountAnswers() throws {
            let mount = try program(["mount", image.path, mountpoint])
            #expect(mount.status == 0, "\(mount.errors)")
            let entry = try #require(try MountTable.entry(at: mountpoint))
            #expect(entry.type == "fuse.swift-erofs-fuse")
            #expect(entry.options.contains("ro"))
            #expect(try runToSuccess(["cat", "\(mountpoint)/file"]).output == "hello\n")
            let umount = try program(["umount", mountpoint])
            #expect(umount.status == 0, "\(umount.errors)")
            #expect(try MountTable.entry(at: mountpoint) == nil)
        }

        @Test func everyWayOfUnmountingEndsTheServer() throws {
            for command in [["fusermount3", "-u", mountpoint], ["umount", mountpoint]] {
                let mounted = try MountedImage(image.path, at: mountpoint)
                try runToSuccess(command)
                let end = try mounted.server.wait()
                #expect(end.status == 0, "\(command[0]): \(end.errors)")
                #expect(try MountTable.entry(at: mountpoint) == nil)
            }
        }

        @Test func signalsUnmount() throws {
            for signal in [SIGTERM, SIGINT, SIGHUP] {
                let mounted = try MountedImage(image.path, at: mountpoint)
                #expect(try runToSuccess(["cat", "\(mountpoint)/file"]).output == "hello\n")
                mounted.server.signal(signal)
                let end = try mounted.server.wait()
                #expect(end.status == 0, "signal \(signal): \(end.errors)")
                #expect(try MountTable.entry(at: mountpoint) == nil)
                try runToSuccess(["ls", mountpoint])
            }
        }

        /// mount(8) starts the program with an empty PATH, so it has to be where programs are installed.
        ///
        /// Here that is so in a mount namespace of its own, which also takes the mount away with it.
        @Test func mountsThroughTheConventionOfMount() throws {
            let programs = try PackageFiles.program().split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
            let script = """
                set -e
                mount --bind \(programs) /usr/local/sbin
                mount -t fuse.swift-erofs-fuse -o ro,cache-dir=\(directory.path("cache")) \(image.path) \(mountpoint)
                cat \(mountpoint)/file
                umount \(mountpoint)
                """
            let outcome = try run(["unshare", "--mount", "sh", "-c", script])
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output == "hello\n")
        }

        /// The line of the shipped example, with places that are there.
        @Test func mountsALineOfFstab() throws {
            let programs = try PackageFiles.program().split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
            let script = """
                set -e
                mount --bind \(programs) /usr/local/sbin
                sed '/^#/d; s,noauto\\,,,
                    s,/srv/images/python.erofs,\(image.path),; s,/mnt/python,\(mountpoint),
                    s,https://[^ \\,]*,\(directory.path),; s,/var/cache,\(directory.path("cache")),' \
                    \(PackageFiles.root)/Configs/fstab.example > \(directory.path("fstab"))
                mount --fstab \(directory.path("fstab")) -a
                mount --fstab \(directory.path("fstab")) -a
                cat \(mountpoint)/file
                findmnt -n -o SOURCE,FSTYPE \(mountpoint)
                umount \(mountpoint)
                """
            let outcome = try run(["unshare", "--mount", "sh", "-c", script], environment: MountedImage.environment)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.lines == ["hello", "\(image.path) fuse.swift-erofs-fuse"])
        }

        /// mount.fuse3 can mount by itself, and gives its helper the descriptor and no powers.
        @Test(.requires(.tool("mount.fuse3"))) func mountsWhatIsMountedAlready() throws {
            let programs = try PackageFiles.program().split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
            let script = """
                mount --bind \(programs) /usr/local/sbin
                mount() { command mount -t fuse.swift-erofs-fuse \(image.path) \(mountpoint) -o ro,drop_privileges,"$1"; }
                mount allow_other; echo $?
                umount \(mountpoint)
                mount allow_other,default_permissions && cat \(mountpoint)/file && umount \(mountpoint)
                """
            let outcome = try run(["unshare", "--mount", "sh", "-c", script], environment: MountedImage.environment)
            #expect(outcome.output == "1\nhello\n", "\(outcome.errors)")
            #expect(outcome.errors.contains("allow_other without default_permissions"), "\(outcome.errors)")
        }

        @Test func nothingCanBeWritten() throws {
            let mounted = try MountedImage(image.path, at: mountpoint)
            let attempts = [
                ["touch", "\(mountpoint)/new"], ["mkdir", "\(mountpoint)/new"], ["rm", "\(mountpoint)/file"],
                ["chmod", "700", "\(mountpoint)/file"], ["mv", "\(mountpoint)/file", "\(mountpoint)/other"],
                ["ln", "-s", "x", "\(mountpoint)/new"], ["setfattr", "-n", "user.a", "-v", "b", "\(mountpoint)/file"],
            ]
            for attempt in attempts {
                let outcome = try run(attempt)
                #expect(outcome.status != 0)
                #expect(outcome.errors.contains("Read-only file system"), "\(attempt): \(outcome.errors)")
            }
            try mounted.unmount()
        }

        @Test func inodeNumbersAreTheSameInEveryMount() throws {
            let listings = try (0..<2).map { _ in
                let mounted = try MountedImage(image.path, at: mountpoint)
                defer { mounted.abandon() }
                return try runToSuccess(["find", mountpoint, "-printf", "%i %P\n"]).output
            }
            #expect(listings[0] == listings[1])
        }

        /// Each mistake is found before anything is mounted, and named with what it is about.
        @Test func mistakesAreSaidInOneLine() throws {
            let file = directory.path("file")
            try write("", to: file)
            let cases: [(arguments: [String], status: Int32, words: String)] = [
                ([directory.path("none"), mountpoint], 1, "\(directory.path("none")): open: No such file"),
                ([directory.path("no\u{1B}[1m\nne"), mountpoint], 1, "\(directory.path("no\\x1b[1m\\x0ane")): open: "),
                ([image.path, file], 1, "\(file): mount: Not a directory"),
                (["--record", "/none/list", image.path, mountpoint], 1, "/none/list: write: No such file"),
                (["--record", mountpoint, image.path, mountpoint], 1, "\(mountpoint): write: Is a directory"),
            ]
            for (arguments, status, words) in cases {
                let outcome = try program(["mount"] + arguments)
                #expect(outcome.status == status)
                #expect(outcome.errors.hasPrefix("swift-erofs-fuse: \(words)"), "\(outcome.errors)")
                #expect(outcome.errors.split(separator: "\n").count == 1)
            }
            #expect(try MountTable.entry(at: mountpoint) == nil)
            #expect(try MountTable.entry(at: file) == nil)
        }

        @Test func remotesAndVolumesThatCannotBeAreRefused() throws {
            let tree = try directory.makeDirectory("chunks")
            try write("hello\n", to: "\(tree)/file")
            let blobs = try directory.makeDirectory("blobs")
            let chunked = directory.path("chunked")
            try runToSuccess([
                "mkfs.erofs", "--quiet", "--chunksize=4096", "--blobdev=\(blobs)/data", chunked, tree,
            ])
            let shared = ["mount", "--device", "data", "--cache-dir", directory.path("cache")]
            for (options, status, words) in [
                (["--remote", "foo://x"], 1, "remote 'foo://x': there is no kind of remote 'foo'"),
                (["--remote", "http://"], 1, "http://: not found: an address is SCHEME://HOST/PATH"),
                (["--remote", blobs, "--fsid", "a/b"], 2, "option 'fsid' is 'a/b', but must be"),
                (["--remote", blobs, "--domain-id", "a b"], 2, "option 'domain-id' is 'a b', but must be"),
            ] as [([String], Int32, String)] {
                let outcome = try program(shared + options + [chunked, mountpoint])
                #expect(outcome.status == status)
                #expect(outcome.errors.contains(words), "\(outcome.errors)")
            }
        }

        @Test func usageErrorsExitWithTwo() throws {
            #expect(try program(["mount", "--no-such-option", image.path, mountpoint]).status == 2)
            #expect(try program(["no-such-command"]).status == 2)
            #expect(try program(["mount", image.path]).status == 2)
            #expect(try program(["mount", directory.path("absent"), mountpoint]).status == 1)
            #expect(try program(["mount", image.path, directory.path("absent")]).status == 1)
            #expect(try program(["umount", mountpoint]).status == 1)
            #expect(try program(["--help"]).status == 0)
            #expect(try program(["--version"]).status == 0)
        }
    }
}
