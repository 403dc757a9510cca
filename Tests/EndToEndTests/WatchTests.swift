// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

extension EndToEnd {
    /// What a mount tells about itself while it is used.
    @Suite(.serialized, .requires(.root, .fuse, .tool("mkfs.erofs"), .tool("nginx")))
    struct WatchTests {
        private let sources: TemporaryDirectory
        private let lazy: LazyImage

        init() throws {
            sources = try TemporaryDirectory()
            try write(SourceTree.noise(300_000, seed: 1), to: "\(try sources.makeDirectory("folder"))/file")
            try write(SourceTree.noise(300_000, seed: 2), to: sources.path("other"))
            lazy = try LazyImage(of: sources.path)
        }

        @Test func traceTellsOfEachReadUntilTheUnmount() throws {
            let mounted = try lazy.mount(["--read-ahead", "0"])
            let output = sources.path("trace")
            let watcher = try startTracing(to: output)
            #expect(try lazy.read("folder/file", offset: 65_536, count: 4096).succeeded)
            try mounted.unmount()
            #expect(try watcher.wait().status == 0)
            let lines = try text(of: output).split(separator: "\n").map(String.init)
            func first(_ words: String...) -> Int? { lines.firstIndex { line in words.allSatisfy(line.contains) } }
            let miss = try #require(first("prep_read: ", " DOWN ", " f=21 ", " /folder/file"))
            let fetch = try #require(first("ondemand_read: ", " foreground"))
            let done = try #require(first("ondemand_cread: ", " us"))
            let filled = try #require(first("prep_read: ", " READ have-data  f=01 ", " /folder/file"))
            #expect(miss < fetch && fetch < done && done < filled)
            #expect(first("ondemand_close: ", "image.blob1") != nil)
            #expect(first("cachefiles_write: ") != nil)
        }

        /// One watcher sleeps until the mount's buffers are full: the others and the mount go on.
        @Test func aWatcherThatSleepsHoldsNobodyUp() throws {
            let mounted = try lazy.mount()
            let asleep = try startTracing(to: sources.path("asleep"))
            asleep.signal(SIGSTOP)
            let awake = try startTracing(to: sources.path("awake"), ["--count", "4000"])
            for _ in 0..<5 {
                let file = "if=\(lazy.mountpoint)/other"
                try runToSuccess(["dd", file, "of=/dev/null", "bs=512", "iflag=direct", "status=none"])
            }
            #expect(try awake.wait().status == 0)
            #expect(try text(of: sources.path("awake")).split(separator: "\n").count == 4001)
            try mounted.unmount()
            asleep.signal(SIGCONT)
            #expect(try asleep.wait().status == 0)
        }

        /// Whatever is asked on the control socket, there is an answer.
        @Test func questionsThatAreNotKnownAreRefused() throws {
            let mounted = try lazy.mount()
            let folders = [
                "/run/user/\(getuid())", "/tmp/swift-erofs-fuse-\(getuid())", environment("XDG_RUNTIME_DIR"),
            ]
            let place = lazy.mountpoint.utf8.suffix(40).map { byte -> String in
                isalnum(Int32(byte)) != 0 && isupper(Int32(byte)) == 0 ? String(UnicodeScalar(byte)) : "_"
            }.joined()
            let found = try run(["find"] + folders.compactMap { $0 } + ["-name", "*\(place)-*.sock"])
            let path = try #require(found.lines.first)
            let script =
                "import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); "
                + "s.sendall(sys.argv[2].encode()); s.shutdown(socket.SHUT_WR); sys.stdout.write(s.makefile().read())"
            for question in ["nonsense\n", "", "trac\u{1B}\n", String(repeating: "x", count: 3000)] {
                let answer = try runToSuccess(["python3", "-c", script, path, question]).output
                #expect(answer.hasPrefix("{\"error\":\"this mount does not know the question"))
            }
            #expect(try program(["status", lazy.mountpoint]).succeeded)
            try mounted.unmount()
        }

        @Test func traceEndsAfterSomeEvents() throws {
            let mounted = try lazy.mount()
            #expect(try lazy.read("other", count: 300_000).succeeded)
            let history = try program(["trace", "--history", "--json", "--count", "3", lazy.mountpoint])
            #expect(history.succeeded, "\(history.errors)")
            #expect(history.lines.count == 3)
            #expect(history.lines.first?.contains("\"event\":\"cachefiles_ondemand_open\"") == true)
            try mounted.unmount()
            #expect(try program(["trace", lazy.mountpoint]).status == 1)
        }

        @Test func metricsAreWhatPrometheusReads() throws {
            let mounted = try lazy.mount()
            #expect(try lazy.read("other", count: 300_000).succeeded)
            let metrics = try program(["metrics", lazy.mountpoint])
            #expect(metrics.succeeded, "\(metrics.errors)")
            let samples = metrics.lines.filter { !$0.hasPrefix("#") }
            func value(_ name: String) -> Double? {
                samples.first { $0.hasPrefix(name + " ") }.flatMap { Double($0.split(separator: " ").last ?? "") }
            }
            #expect(value("erofs_fuse_served_bytes_total") ?? 0 >= 300_000)
            let fetches = try #require(value("fscache_fetch_duration_seconds_count"))
            #expect(fetches > 0)
            #expect(value("fscache_fetch_duration_seconds_bucket{le=\"+Inf\"}") == fetches)
            #expect(samples.contains { $0.hasPrefix("fscache_fetched_bytes_total{blob=\"image.blob") })
            // Every figure has its type said before.
            let types = metrics.lines.filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ")[2] }
            #expect(Set(types).count == types.count)
            #expect(samples.allSatisfy { sample in types.contains { sample.hasPrefix($0) } })
            try mounted.unmount()
        }

        @Test func statusHasTheKernelsTables() throws {
            let mounted = try lazy.mount()
            #expect(try lazy.read("other", count: 300_000).succeeded)
            let status = try program(["status", lazy.mountpoint])
            #expect(status.succeeded, "\(status.errors)")
            #expect(status.lines.contains("COOKIE   VOLUME   REF ACT ACC S FL   DEF"))
            let key = "image.blob2".utf8.map { String($0, radix: 16) }.joined()
            #expect(
                status.lines.contains { $0.hasPrefix("00000002 00000001   1   1   ") && $0.hasSuffix(" A 6004 \(key)") }
            )
            #expect(status.lines.contains { $0.hasPrefix("hits ") })
            try mounted.unmount()
        }

        @Test(.requires(.tool("getfattr"))) func filesTellWhatOfThemIsThere() throws {
            func map(_ file: String) throws -> Outcome {
                try run(["getfattr", "--only-values", "-n", "user.fscache.map", "\(lazy.mountpoint)/\(file)"])
            }
            let mounted = try lazy.mount(["--read-ahead", "0", "-o", "cache-xattrs"])
            #expect(try map("other").output == "")
            #expect(try lazy.read("other", offset: 131_072, count: 1).succeeded)
            let parts = try map("other").output.split(separator: " ").map {
                $0.split(separator: "+").compactMap { Int($0) }
            }
            #expect(parts.contains { $0[0] <= 131_072 && $0[0] + $0[1] > 131_072 })
            #expect(parts.reduce(0) { $0 + $1[1] } < 300_000)
            #expect(try lazy.read("other", count: 300_000).succeeded)
            #expect(try map("other").output == "0+300000")
            let list = try run(["getfattr", "-m", "-", "\(lazy.mountpoint)/other"])
            #expect(!list.output.contains("fscache"))
            try mounted.unmount()
            let without = try lazy.mount()
            #expect(try map("other").status != 0)
            try without.unmount()
        }

        @Test func whatGoesThroughNoCacheCannotBeTraced() throws {
            let directory = try TemporaryDirectory()
            let image = try ErofsImage.make("plain", from: sources.path, in: directory)
            let mountpoint = try directory.makeDirectory("mnt")
            let mounted = try MountedImage(image.path, at: mountpoint)
            let refused = try program(["trace", mountpoint])
            #expect(refused.status == 1)
            #expect(refused.errors.contains("nothing of this image goes through a cache"))
            try mounted.unmount()
        }

        /// Starts to watch, with a file for what is seen.
        private func startTracing(to output: String, _ options: [String] = []) throws -> RunningProcess {
            try write("", to: output)
            let command = ([try PackageFiles.program(), "trace"] + options + [lazy.mountpoint]).joined(separator: " ")
            let watcher = try RunningProcess(["sh", "-c", "exec \(command) > \(output)"])
            try eventually("the watch is on") { try text(of: output).hasPrefix("#") }
            return watcher
        }

        private func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

        private func text(of path: String) throws -> String { try runToSuccess(["cat", path]).output }
    }
}
