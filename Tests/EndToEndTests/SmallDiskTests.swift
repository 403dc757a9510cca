// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

extension EndToEnd {
    /// A cache on a disk that is smaller than what is read, with limits and without.
    @Suite(.serialized, .requires(.root, .fuse, .tool("mkfs.erofs"), .tool("mkfs.ext4"), .fileSystem("ext4")))
    struct SmallDiskTests {
        private static let noise = SourceTree.noise(24 << 20, seed: 9)
        private let directory: TemporaryDirectory
        private let disk: String

        init() throws {
            directory = try TemporaryDirectory()
            disk = try directory.makeDirectory("disk")
            let tree = try directory.makeDirectory("tree")
            try write(SmallDiskTests.noise, to: tree + "/file")
            try runToSuccess([
                "mkfs.erofs", "--quiet", "--chunksize=65536", "--blobdev=\(try directory.makeDirectory("blobs"))/data",
                directory.path("image"), tree,
            ])
        }

        /// Puts a file system of 16 MiB where the cache will lie.
        private func makeDisk(_ kind: String, files: Int = 400) throws {
            if kind == "tmpfs" {
                return _ = try runToSuccess(
                    ["mount", "-t", "tmpfs", "-o", "size=16m,nr_inodes=\(files)", "none", disk])
            }
            let file = directory.path("disk-image")
            try runToSuccess(["truncate", "-s", "16M", file])
            try runToSuccess(["mkfs." + kind, "-q", "-m", "0", file])
            try runToSuccess(["mount", "-o", "loop", file, disk])
        }

        private func mount(_ more: [String] = [], domain: String = "d") throws -> MountedImage {
            let mountpoint = directory.path("mnt")
            mkdir(mountpoint, 0o755)
            return try MountedImage(
                directory.path("image"), at: mountpoint,
                options: [
                    "--remote", directory.path("blobs"), "--device", "data", "--cache-dir", disk + "/cache",
                    "--domain-id", domain,
                ] + more)
        }

        /// Reads the file, or a part, so that every request comes to the server.
        private func read(_ image: MountedImage, mebibytes range: Range<Int> = 0..<24) throws -> Bool {
            let got = try run([
                "dd", "if=\(image.mountpoint)/file", "bs=1M", "skip=\(range.lowerBound)", "count=\(range.count)",
                "iflag=direct", "status=none",
            ])
            return got.bytes == Array(SmallDiskTests.noise[range.lowerBound << 20..<range.upperBound << 20])
        }

        private func metric(_ name: String, _ image: MountedImage) throws -> Double? {
            let line = try program(["metrics", image.mountpoint]).lines.first { $0.hasPrefix(name + " ") }
            return line.flatMap { Double($0.split(separator: " ").last ?? "") }
        }

        /// What is free of the disk, in percent and in bytes.
        private var free: Int {
            var status = statvfs()
            guard statvfs(disk, &status) == 0 else { return -1 }
            return Int(status.f_bavail * 100 / status.f_blocks)
        }

        private var freeBytes: Int {
            var status = statvfs()
            return statvfs(disk, &status) == 0 ? Int(status.f_bavail) * Int(status.f_frsize) : -1
        }

        /// Others fill the disk to its last block: nobody who reads gets to know, and when they go, caching goes on.
        @Test(arguments: ["tmpfs", "ext4"])
        func aFullDiskFailsNoReadAndRoomIsUsedAgain(kind: String) throws {
            try makeDisk(kind)
            let image = try mount()
            #expect(try run(["dd", "if=/dev/zero", "of=\(disk)/ballast", "bs=64K", "status=none"]).status == 1)
            #expect(try read(image))
            let cached = try #require(try image.status("cached"))
            #expect(cached < 1 << 20)
            unlink(disk + "/ballast")
            try eventually("caching") {
                #expect(try read(image))
                return try #require(try image.status("cached")) > 8 << 20
            }
            // Full again, of the cache itself this time.
            #expect(try read(image))
            try image.unmount()
        }

        /// A mount may begin when there is no room for anything: it serves, and the next one caches.
        @Test(arguments: ["tmpfs", "ext4"])
        func aDiskThatIsFullFromTheStartFailsNoMount(kind: String) throws {
            try makeDisk(kind)
            let ballast = ["dd", "if=/dev/zero", "of=\(disk)/ballast", "bs=4K", "status=none"]
            #expect(try run(ballast).status == 1)
            let log = directory.path("log")
            let image = try mount(["--log-file", log])
            #expect(try read(image))
            #expect(try image.status("cached") == 0)
            try image.unmount()
            let said = String(decoding: try bytes(ofFile: log), as: UTF8.self)
            #expect(said.ranges(of: "is served without being cached").count == 1, "\(said)")
            let outcome = try program([
                "fetch", "--remote", directory.path("blobs"), "--device", "data", "--cache-dir", disk + "/cache",
                directory.path("image"),
            ])
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("the disk of the cache is full"), "\(outcome.errors)")
            unlink(disk + "/ballast")
            let next = try mount()
            #expect(try read(next, mebibytes: 0..<4))
            #expect(try #require(try next.status("cached")) >= 4 << 20)
            try next.unmount()
        }

        /// The kernel's limits on blocks: culling begins and ends, and nothing is cached when others take the rest.
        @Test(arguments: ["tmpfs", "ext4"])
        func theKernelsLimitsOnBlocksHold(kind: String) throws {
            try makeDisk(kind)
            let image = try mount(["--brun", "60", "--bcull", "50", "--bstop", "20"])
            for part in 0..<6 {
                #expect(try read(image, mebibytes: 4 * part..<4 * part + 4))
                // The file system's own blocks come on top.
                #expect(free >= 19)
            }
            // The kernel's hundredths of a small disk are rounded down, so the limit is a little lower.
            try eventually("culling until so much is free") { free >= 48 }
            #expect(try #require(try image.status("culled")) > 8 << 20)
            #expect(try metric("fscache_free_limit_ratio{limit=\"bcull\"}", image) == 0.5)

            // Less than bstop is free, and nothing that the cache could give.
            let held = try #require(try image.status("cached"))
            let ballast = freeBytes - (512 << 10)
            try runToSuccess(["fallocate", "-l", "\(ballast)", disk + "/ballast"])
            // Bytes go out of the map before their blocks are free.
            try eventually("all cold bytes being taken out, and their blocks given back") {
                (try image.status("cached") ?? 0) < 1 << 20 && freeBytes > held - (768 << 10)
            }
            try runToSuccess(["fallocate", "-l", "\(ballast + freeBytes - (1 << 20))", disk + "/ballast"])
            #expect(try read(image, mebibytes: 0..<8))
            #expect(try #require(try image.status("cached")) < 1 << 20)

            unlink(disk + "/ballast")
            try eventually("caching") {
                #expect(try read(image, mebibytes: 0..<4))
                return try #require(try image.status("cached")) > 3 << 20
            }
            try image.unmount()
        }

        /// The kernel's limits on files: objects that nobody uses go, and nothing is cached when others take the rest.
        @Test func theKernelsLimitsOnFilesHold() throws {
            try makeDisk("tmpfs")
            let idle = try mount(domain: "idle")
            #expect(try read(idle, mebibytes: 0..<1))
            try idle.unmount()
            func objects() throws -> [String] {
                try runToSuccess(["find", disk, "-path", "*Ierofs,idle*", "-name", "D*"]).lines
            }
            func makeFiles(_ range: Range<Int>) throws {
                for number in range { try write("", to: "\(disk)/file-\(number)") }
            }
            #expect(try objects().count == 1)
            let image = try mount(["--frun", "60", "--fcull", "50", "--fstop", "10"])
            #expect(try objects().count == 1)
            try makeFiles(0..<220)
            try eventually("the idle object going") { try objects().isEmpty }
            #expect(try read(image, mebibytes: 0..<1))
            let cached = try #require(try image.status("cached"))
            #expect(cached >= 1 << 20)
            try makeFiles(220..<365)
            #expect(try read(image, mebibytes: 8..<12))
            #expect(try #require(try image.status("cached")) <= cached)
            for number in 0..<365 { unlink("\(disk)/file-\(number)") }
            try eventually("caching") {
                #expect(try read(image, mebibytes: 8..<12))
                return try #require(try image.status("cached")) >= cached + 4 << 20
            }
            try image.unmount()
        }

        /// What is taken out for a limit is told to those who watch, and counted.
        @Test func whatALimitCostsIsSeen() throws {
            try makeDisk("tmpfs")
            let image = try mount(["--max-bytes", "4M"])
            let watcher = try RunningProcess([PackageFiles.program(), "trace", image.mountpoint])
            // The first line says that the watch is on.
            try eventually("a watch") { !watcher.outputSoFar.isEmpty }
            #expect(try read(image))
            let limit = try image.status("maxBytes")
            #expect(limit == 4 << 20)
            #expect(try #require(try image.status("taken")) <= 4 << 20)
            #expect(try metric("fscache_cache_limit_bytes", image) == 4_194_304)
            #expect(try #require(try metric("fscache_culled_bytes_total", image)) > 1_000_000)
            try image.unmount()
            let lines = try watcher.wait().lines
            #expect(lines.contains { $0.contains(" cachefiles_cull: o=00000001 B=") && $0.hasSuffix("  data") })
        }

        /// A cache that is smaller than what `fetch` is to bring gets as much as it may take, and the rest is not fetched.
        @Test func fetchingMoreThanTheCacheMayTakeEndsWithAnError() throws {
            try makeDisk("tmpfs")
            func fetch(_ limit: String) throws -> Outcome {
                try program([
                    "fetch", "--remote", directory.path("blobs"), "--device", "data", "--cache-dir", disk + "/cache",
                    "--domain-id", "d", "--max-bytes", limit, directory.path("image"),
                ])
            }
            let outcome = try fetch("4M")
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("the cache may take 4.0 MiB, and that is not enough"), "\(outcome.errors)")
            #expect(outcome.output.hasPrefix("0 files, 3."), "\(outcome.output)\(outcome.errors)")
            let image = try mount(["--offline"])
            #expect(try read(image, mebibytes: 0..<3))
            try image.unmount()
        }
    }
}
