// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    /// Mounts whose requests come through io_uring.
    @Suite(.serialized, .requires(.root, .fuse, .fuseRings, .tool("mkfs.erofs")))
    struct RingTests {
        private let directory: TemporaryDirectory
        private let content = SourceTree.noise(4 << 20, seed: 21)

        init() throws {
            directory = try TemporaryDirectory()
            let tree = try directory.makeDirectory("tree")
            try write(content, to: "\(tree)/cold")
            try write(SourceTree.noise(256 * 1024, seed: 22), to: "\(tree)/warm")
            for number in 0..<300 { try write("\(number)", to: "\(tree)/file-\(number)") }
            // A name longer than what precedes it, which comes apart from the rest of its request.
            try write("long", to: "\(tree)/" + String(repeating: "n", count: 240))
        }

        private func mount(
            _ lazy: LazyImage, remote: String? = nil, _ options: [String] = [], usesRings: Bool = true
        ) throws -> MountedImage {
            try answering(as: lazy.account, usesRings: usesRings) { try lazy.mount(remote: remote, options) }
        }

        /// Makes a mount while rings are allowed, and waits until it answers.
        private func answering(
            as account: Account? = nil, usesRings: Bool = true, _ mount: () throws -> MountedImage
        ) throws -> MountedImage {
            try FuseRings.allowed {
                let mounted = try mount()
                func status() throws -> Outcome { try program(["status", mounted.mountpoint], as: account) }
                try eventually("the mount answers") { try status().succeeded }
                let text = try status().output
                #expect(text.contains(" OVER_IO_URING ") == usesRings, "\(text)")
                return mounted
            }
        }

        private func listing(_ root: String) -> [String] {
            [
                "sh", "-c",
                "cd \(root) && find . -printf '%p %y %m %U %G %s %T@ %n %l\\n' | sort && "
                    + "find . -type f | sort | xargs sha256sum",
            ]
        }

        @Test(arguments: [[], ["-o", "serving-threads=1"], ["-o", "serving-threads=3"], ["-o", "workers=1"]])
        func theTreeIsTheSame(options: [String]) throws {
            let lazy = try LazyImage(of: directory.path("tree"))
            let mounted = try mount(lazy, options)
            let kernel = try KernelMount(
                lazy.image, at: try directory.makeDirectory("kernel-\(options.count)-\(options.last ?? "")"))
            let expected = try runToSuccess(listing(kernel.mountpoint)).output
            for _ in 0..<3 {
                let readers = try (0..<6).map { _ in try RunningProcess(listing(lazy.mountpoint)) }
                for reader in readers { #expect(try reader.wait().output == expected) }
                try dropCaches()
            }
            #expect(try run(["stat", "\(lazy.mountpoint)/absent"]).errors.contains("No such file"))
            #expect(try run(["touch", "\(lazy.mountpoint)/new"]).errors.contains("Read-only file system"))
            let end = try mounted.unmount()
            #expect(end.succeeded, "\(end.errors)")
        }

        /// The kernel reads a local image of root's in pieces of 1 MiB.
        @Test func largeRepliesAreWhole() throws {
            let tree = try directory.makeDirectory("large")
            for number in 0..<4 {
                try write(SourceTree.noise(24 << 20, seed: UInt64(30 + number)), to: "\(tree)/\(number)")
            }
            let image = try ErofsImage.make("large", from: tree, in: directory)
            let mountpoint = try directory.makeDirectory("large-mnt")
            let mounted = try answering { try MountedImage(image.path, at: mountpoint) }
            let expected = try digests(tree)
            for _ in 0..<3 {
                let readers = try (0..<3).map { _ in
                    try RunningProcess(["sh", "-c", "cd \(mountpoint) && sha256sum *"])
                }
                for reader in readers { #expect(try reader.wait().output == expected) }
                try dropCaches()
            }
            #expect(try mounted.unmount().succeeded)
        }

        /// Each request that waits counts in the kernel; in a ring it keeps its memory, and the next one needs more.
        @Test(arguments: [true, false]) func missesKeepNoHitsWaiting(usesRings: Bool) throws {
            let lazy = try LazyImage(of: directory.path("tree"))
            let server = try ScriptedServer(serving: lazy.blobs)
            let options = usesRings ? [] : ["-o", "no_io_uring"]
            let mounted = try mount(lazy, remote: "\(server.url)/", options, usesRings: usesRings)
            let warm = try lazy.read("warm", count: 256 * 1024)
            #expect(warm.succeeded)
            server.answer { $0.range == nil ? .file : .stall }
            let stuck = try (0..<60).map { try lazy.startReading("cold", offset: $0 * 65_536, count: 4096) }
            try eventually("the readers wait") { server.stalled > 0 }
            #expect(try run(["ls", "-lR", lazy.mountpoint]).lines.count > 300)
            try dropCaches()
            #expect(try lazy.read("warm", count: 256 * 1024).bytes == warm.bytes)
            // Readers that give up get away, and the others their bytes.
            for reader in stuck.prefix(5) {
                #expect(reader.isRunning)
                reader.signal(9)
                #expect(try reader.wait().status == 128 + 9)
            }
            server.answer { _ in .file }
            server.release()
            for (number, reader) in stuck.enumerated().dropFirst(5) {
                #expect(try reader.wait().bytes == Array(content[(number * 65_536)...].prefix(4096)))
            }
            let end = try mounted.unmount()
            #expect(end.succeeded, "\(end.errors)")
        }

        /// Requests that have all come before the first is served: each that waits needs its own entry.
        @Test(arguments: [[], ["-o", "serving-threads=1"]]) func aBurstOfMissesKeepsNoHitWaiting(options: [String])
            throws
        {
            let lazy = try LazyImage(of: directory.path("tree"))
            let server = try ScriptedServer(serving: lazy.blobs)
            let mounted = try mount(lazy, remote: "\(server.url)/", options)
            #expect(try lazy.read("warm", count: 256 * 1024).succeeded)
            try dropCaches()
            try runToSuccess(["ls", "-l", lazy.mountpoint])
            server.answer { $0.range == nil ? .file : .stall }
            mounted.server.signal(19)
            func read(_ file: String, _ offset: Int) throws -> RunningProcess {
                try RunningProcess([
                    "taskset", "-c", "0", "dd", "if=\(lazy.mountpoint)/\(file)", "bs=4096", "skip=\(offset / 4096)",
                    "count=1", "status=none",
                ])
            }
            let cold = try (0..<24).map { try read("cold", $0 * 131_072) }
            let warm = try read("warm", 0)
            // Long enough for all of them to ask; a shorter time only makes the test easier to pass.
            try runToSuccess(["sleep", "1"])
            mounted.server.signal(18)
            #expect(try warm.wait(within: 10).bytes.count == 4096)
            #expect(cold.allSatisfy { $0.isRunning })
            // Requests that are just arriving would not hear of the release.
            try eventually("the fetches stall") { server.stalled > 0 }
            try runToSuccess(["sleep", "1"])
            server.answer { _ in .file }
            server.release()
            for (number, reader) in cold.enumerated() {
                #expect(try reader.wait().bytes == Array(content[(number * 131_072)...].prefix(4096)))
            }
            #expect(try mounted.unmount().succeeded)
        }

        @Test(arguments: [15, 9]) func theEndOfTheServerEndsWaiting(signal: Int32) throws {
            let lazy = try LazyImage(of: directory.path("tree"))
            let server = try ScriptedServer(serving: lazy.blobs)
            let mounted = try mount(lazy, remote: "\(server.url)/")
            server.answer { _ in .stall }
            let stuck = try (0..<8).map { try lazy.startReading("cold", offset: $0 * 65_536, count: 4096) }
            try eventually("the readers wait") { server.stalled > 0 }
            mounted.server.signal(signal)
            for reader in stuck { #expect(try reader.wait().status == 1) }
            let end = try mounted.server.wait()
            #expect(signal == 9 ? end.status == 128 + 9 : end.succeeded, "\(end.errors)")
            server.release()
        }

        @Test func theyCanBeSwitchedOff() throws {
            let lazy = try LazyImage(of: directory.path("tree"))
            try mount(lazy, ["-o", "no_io_uring"], usesRings: false).unmount()
        }

        @Test func ordinaryUsersHaveThemToo() throws {
            let account = try Account.unprivileged()
            let lazy = try LazyImage(of: directory.path("tree"), as: account)
            let mounted = try mount(lazy)
            #expect(try lazy.read("cold", count: content.count).bytes == content)
            try mounted.unmount(as: account)
        }
    }
}
