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

        @Test func mountsThroughTheConventionOfMount() throws {
            let programs = try PackageFiles.program().split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
            let path = "\(programs):/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
            let cache = directory.path("cache")
            let mount = try run(
                ["mount", "-t", "fuse.swift-erofs-fuse", "-o", "ro,cache-dir=\(cache)", image.path, mountpoint],
                environment: ["PATH": path])
            #expect(mount.status == 0, "\(mount.errors)")
            #expect(try runToSuccess(["cat", "\(mountpoint)/file"]).output == "hello\n")
            try runToSuccess(["umount", mountpoint])
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
