// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

extension EndToEnd {
    /// What a user does with a cache by hand.
    @Suite(.serialized, .requires(.root, .fuse, .tool("mkfs.erofs"), .tool("python3"), .tool("setfattr")))
    struct CacheCommandTests {
        private static let noise = SourceTree.noise(4 << 20, seed: 7)
        private let directory: TemporaryDirectory
        private let cache: String

        init() throws {
            directory = try TemporaryDirectory()
            cache = try directory.makeDirectory("cache")
        }

        /// The JSON of a command, one value to a line of `query`, by python3.
        private func cacheCommand(
            _ arguments: [String], _ query: String, status: Int32 = 0
        ) throws -> [String] {
            let outcome = try program(["cache"] + arguments + ["--cache-dir", cache, "--json"])
            #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
            let code = "import json, sys\nr = json.loads(sys.argv[1])\nfor v in \(query): print(v)"
            return try runToSuccess(["python3", "-c", code, outcome.output]).lines
        }

        private func mounted(_ more: [String] = []) throws -> MountedImage {
            let tree = try directory.makeDirectory("tree")
            try write(CacheCommandTests.noise, to: tree + "/file")
            let blobs = try directory.makeDirectory("blobs")
            try runToSuccess([
                "mkfs.erofs", "--quiet", "--chunksize=65536", "--blobdev=\(blobs)/data", directory.path("image"), tree,
            ])
            return try mountAgain(more)
        }

        private func mountAgain(_ more: [String] = []) throws -> MountedImage {
            let mountpoint = directory.path("mnt")
            mkdir(mountpoint, 0o755)
            return try MountedImage(
                directory.path("image"), at: mountpoint,
                options: [
                    "--remote", directory.path("blobs"), "--device", "data", "--cache-dir", cache, "--domain-id", "d",
                ] + more)
        }

        @Test func aCacheIsListedMeasuredPrunedAndEmptied() throws {
            let image = try mounted()
            #expect(try bytes(ofFile: image.mountpoint + "/file") == CacheCommandTests.noise)
            let listed = try cacheCommand(
                ["ls"],
                "[(v['volume'], c['cookie'], c['present'] == c['size'], c['inUse']) for v in r for c in v['cookies']]")
            #expect(listed == ["('erofs,d', 'data', True, True)"])
            let refused = try cacheCommand(["rm", "erofs,d"], "r['inUse']", status: 1)
            #expect(refused == ["data"])

            // Pruning takes from what is in use too; its reader fetches again what it needs.
            let sizes = try cacheCommand(
                ["prune", "--max-bytes", "1M"], "[r['before'] > 4 << 20, r['after'] <= 1 << 20]")
            #expect(sizes == ["True", "True"])
            try dropCaches()
            #expect(try bytes(ofFile: image.mountpoint + "/file") == CacheCommandTests.noise)
            try image.unmount()

            #expect(try cacheCommand(["du"], "[r['volumes']['erofs,d'] >= 4 << 20]") == ["True"])
            #expect(try cacheCommand(["verify"], "[r['damaged']]") == ["0"])
            #expect(try cacheCommand(["rm", "erofs,d", "data"], "r['removed']") == ["data"])
            #expect(try cacheCommand(["rm", "erofs,d"], "r['removed']") == [])
            #expect(try cacheCommand(["ls"], "r") == [])
        }

        @Test func damageIsFoundAndMended() throws {
            let blob = directory.path("blob")
            try write(CacheCommandTests.noise, to: blob)
            let name = try #require(
                try runToSuccess(["sha256sum", blob]).output.split(separator: " ").first.map(String.init))
            #expect(try cacheCommand(["seed", blob, "erofs,d", "--name", name], "[r['digestChecked']]") == ["True"])
            #expect(
                try program([
                    "cache", "seed", blob, "erofs,d", "--name", "00" + name.dropFirst(2), "--cache-dir", cache,
                ])
                .errors.contains("does not have the digest"))
            #expect(try cacheCommand(["verify"], "[r['checkedDigests'], r['damaged']]") == ["1", "0"])
            let object = try #require(try cacheCommand(["ls"], "[r[0]['cookies'][0]['object']]").first)

            let file = open(object, O_RDWR)
            defer { close(file) }
            #expect(pwrite(file, [CacheCommandTests.noise[70_000] ^ 1], 1, 70_000) == 1)
            #expect(try cacheCommand(["verify"], "[r['damaged'], r['repaired']]", status: 1) == ["1", "0"])
            #expect(try cacheCommand(["verify", "--repair"], "[r['repaired']]", status: 1) == ["1"])
            #expect(try cacheCommand(["verify"], "[r['damaged']]") == ["0"])
            #expect(try cacheCommand(["ls"], "[r[0]['cookies'][0]['present']]") == ["0"])
            #expect(try bytes(ofFile: "\(cache)/quarantine/Ierofs,d/D\(name)").count == CacheCommandTests.noise.count)

            _ = try cacheCommand(["seed", blob, "erofs,d", "--name", name], "r")
            try runToSuccess(["fallocate", "-p", "-o", "65536", "-l", "8192", object])
            let lost = "8192 bytes that the map calls present are holes"
            #expect(try cacheCommand(["verify"], "r['cookies'][0]['problems']", status: 1) == [lost])
            _ = try cacheCommand(["verify", "--repair"], "r", status: 1)
            #expect(try cacheCommand(["ls"], "[c['size'] - c['present'] for c in r[0]['cookies']]") == ["8192"])
        }

        @Test func volumesThatAreNotThereAreNotCalledSound() throws {
            try mounted().unmount()
            for command in ["verify", "ls", "rm"] {
                let outcome = try program(["cache", command, "erofs,no-such", "--cache-dir", cache])
                #expect(outcome.status == 1)
                #expect(outcome.errors.contains("has no volume 'erofs,no-such'"))
            }
        }

        @Test func whatTheKernelHasFetchedIsAdopted() throws {
            let old = try directory.makeDirectory("old")
            let objects = old + "/cache/Ierofs,domain0/@6b"
            try runToSuccess(["mkdir", "-p", objects])
            // A key of four bytes with a space at its end has a name in hexadecimal.
            try write(CacheCommandTests.noise.prefix(8192), to: objects + "/S61206220")
            try runToSuccess(["truncate", "-s", "1048576", objects + "/S61206220"])
            // Two runs; the second is cut inside a block, which counts as missing.
            try write(CacheCommandTests.noise.prefix(100_000), to: objects + "/Dblob1.img")
            try runToSuccess(["truncate", "-s", "1048576", objects + "/Dblob1.img"])
            let attribute = "0x0000000000100000" + "0000000000000000" + "0100"
            for name in ["Dblob1.img", "Dwhole", "S61206220"] {
                if name == "Dwhole" { try write(CacheCommandTests.noise.prefix(1 << 20), to: "\(objects)/\(name)") }
                try runToSuccess(["setfattr", "-n", "user.CacheFiles.cache", "-v", attribute, "\(objects)/\(name)"])
            }
            try write(CacheCommandTests.noise.prefix(8192), to: objects + "/Dbare")
            let query =
                "[(a['volume'], a['cookie'], a['bytes']) for a in r['adopted']] + sorted(k[-6:] for k in r['refused'])"
            #expect(
                try cacheCommand(["adopt", old], query) == [
                    "('erofs,domain0', 'blob1.img', 102400)", "('erofs,domain0', 'a b ', 8192)", "/Dbare", "Dwhole",
                ])
            let object = try #require(try cacheCommand(["ls"], "[r[0]['cookies'][0]['object']]").first)
            #expect(object.hasSuffix("/@6b/Dblob1.img"))
            #expect(try bytes(ofFile: object).prefix(100_000) == CacheCommandTests.noise.prefix(100_000))
            let outcome = try program(["cache", "adopt", objects, "--cache-dir", cache])
            #expect(outcome.errors.contains("needs --image and --volume"))
        }

        /// What a Nydus image's cookies hold is not what their names are digests of, and is taken over from nydusd as it is.
        @Test func whatNydusdHasFetchedIsAdopted() throws {
            let fixture = PackageFiles.root + "/Tests/RafsTests/Fixtures/zstd"
            let filled = try directory.makeDirectory("filled")
            let check = try program(["check", "--cache-dir", filled, "--remote", fixture, fixture + "/image.boot"])
            #expect(check.status == 0, "\(check.errors)")
            let verified = try program(["cache", "verify", "--cache-dir", filled])
            // The blob's own, and one with its tables.
            #expect(verified.output == "2 cookies, 1 by digest: no damage\n", "\(verified.output)")
            try repairTables(in: filled)

            let nydusd = try directory.makeDirectory("nydusd")
            let object = try #require(
                try runToSuccess(["find", filled, "-name", "D*", "!", "-name", "*.tables"]).lines.first)
            let name = String(try #require(object.split(separator: "/").last).dropFirst())
            var map = [UInt8](repeating: 0, count: 4096) + [0xFF, 0xFF, 0xFC]
            map.replaceSubrange(0..<12, with: [0x50, 0x41, 0x4D, 0x42, 1, 0, 0, 0, 0x50, 0x41, 0x4D, 0x43])
            try write(map, to: "\(nydusd)/\(name).blob.data.chunk_map")
            try runToSuccess(["cp", object, "\(nydusd)/\(name).blob.data"])
            try runToSuccess(["cp", "\(fixture)/\(name).blob.meta", nydusd])
            _ = try cacheCommand(
                ["adopt", nydusd, "--image", fixture + "/image.boot", "--volume", "erofs,d"], "r['adopted']")
            let again = try program([
                "check", "--cache-dir", cache, "--domain-id", "d", "--offline", fixture + "/image.boot",
            ])
            #expect(again.status == 0, "\(again.output)\(again.errors)")
        }

        /// Spoils a byte of the tables that a cache keeps of a Nydus blob, and has that found.
        private func repairTables(in cache: String) throws {
            let tables = try #require(try runToSuccess(["find", cache, "-name", "D*.tables"]).lines.first)
            var content = try bytes(ofFile: tables)
            content[content.count / 2] ^= 1
            try write(content, to: tables)
            let found = try program(["cache", "verify", "--cache-dir", cache])
            #expect(found.status == 1 && found.output.contains(".tables: does not have its digest"), "\(found.output)")
            let repaired = try program(["cache", "verify", "--repair", "--cache-dir", cache])
            #expect(repaired.output.contains("1 repaired"), "\(repaired.output)")
            let after = try program(["cache", "verify", "--cache-dir", cache])
            #expect(after.status == 0 && after.output.contains("no damage"), "\(after.output)")
        }

        /// The readers of `examples/budget-trial.py`, in small.
        @Test func aLimitHoldsWhileMountedAndCostsLittle() throws {
            let trial = "\(PackageFiles.root)/examples/budget-trial.py"
            let outcome = try run([
                "python3", trial, PackageFiles.program(), "--size", "32M", "--limit", "4M", "--volume", "48M",
                "--readers", "4",
            ])
            #expect(outcome.status == 0, "\(outcome.output) \(outcome.errors)")
        }

        @Test func aFullDiskOfTheCacheIsNoErrorAndRoomIsUsedAgain() throws {
            try runToSuccess(["mount", "-t", "tmpfs", "-o", "size=3m", "none", cache])
            defer { umount2(cache, Int32(MNT_DETACH)) }
            let image = try mounted()
            #expect(try bytes(ofFile: image.mountpoint + "/file") == CacheCommandTests.noise)
            // What was written half-way is not left on the disk: all that lies there can be read.
            let idle = try cacheCommand(["verify"], "[p for c in r['cookies'] for p in c['problems']]")
            #expect(idle == [])
            _ = try cacheCommand(["prune", "--max-bytes", "1M"], "r")
            let pruned = try #require(UInt64(try cacheCommand(["ls"], "[r[0]['cookies'][0]['present']]").first ?? ""))
            try dropCaches()
            #expect(try bytes(ofFile: image.mountpoint + "/file") == CacheCommandTests.noise)
            let present = try #require(UInt64(try cacheCommand(["ls"], "[r[0]['cookies'][0]['present']]").first ?? ""))
            #expect(present > pruned)
            try image.unmount()
        }
    }
}
