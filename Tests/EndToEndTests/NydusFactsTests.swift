// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    /// What the program tells of RAFS v6 images, and what it does with what they say of themselves.
    @Suite(.serialized)
    struct NydusFactsTests {
        private static let fixtures = PackageFiles.root + "/Tests/RafsTests/Fixtures"
        private static let image = "\(fixtures)/zstd/image.boot"

        @Test func inspectShowsTheTables() throws {
            let report = try program(["inspect", Self.image])
            #expect(report.status == 0, "\(report.errors)")
            for fact in [
                "HASH_BLAKE3 EXPLICIT_UID_GID COMPRESSION_ZSTD", "of 16384 bytes, 22 in the image's table",
                "nids 137 155",
                "22, zstd, blake3", "INLINED_CHUNK_DIGEST",
            ] { #expect(report.output.contains(fact), "\(fact)") }
            let zran = try program(["inspect", "--json", "\(Self.fixtures)/zran/image.boot"])
            #expect(zran.output.contains(#""codec" : "gzip""#))
            #expect(
                zran.output.contains(
                    #""metaBlob" : "5085d5577da753dd7a988227da27d844c11d516d1f9e19ac95285536893d315f""#))
            #expect(zran.output.contains(#""prefetch" : ["#))
        }

        /// What came is told as what it unpacks to, and as what was moved; a second time nothing is.
        @Test func fetchTellsPackedBytesToo() throws {
            let cache = try TemporaryDirectory()
            let command = ["fetch", "--remote", "\(Self.fixtures)/zran", "--cache-dir", cache.path]
            let first = try program(command + ["\(Self.fixtures)/zran/image.boot"])
            #expect(first.succeeded, "\(first.errors)")
            #expect(first.output.contains(" fetched, packed "))
            let second = try program(command + ["\(Self.fixtures)/zran/image.boot"])
            #expect(second.output.hasSuffix(" files, 0 B fetched\n"), "\(second.output)")
        }

        @Test func inspectShowsTheChunksOfAFileWithoutItsBlob() throws {
            let report = try program(["inspect", Self.image, "/bin/tool"])
            #expect(report.status == 0, "\(report.errors)")
            #expect(report.output.contains("  chunk 0, 0 + 6000: none, blob bytes 0 + 6000, blake3:"))
        }

        @Test(arguments: [
            ("zstd", "/data/text", "zstd, blob bytes"), ("zran", "/data/text", "deflate, at "),
            ("batch", "/etc/hostname", "zstd, at 0 of batch 1, blob bytes"),
            ("encrypted", "/data/text", "lz4, encrypted, blob"),
        ])
        func explainShowsWhatChunksAreMadeFrom(name: String, path: String, fact: String) throws {
            let cache = try TemporaryDirectory()
            let folder = "\(Self.fixtures)/\(name)"
            let options = ["--cache-dir", cache.path, "--remote", folder, "\(folder)/image.boot", path]
            let report = try program(["explain"] + options)
            #expect(report.status == 0, "\(report.errors)")
            #expect(report.output.contains("downloadFromServer"))
            #expect(report.lines.contains { $0.hasPrefix("      chunk ") && $0.contains(fact) }, "\(report.output)")
            let json = try program(["explain", "--json"] + options)
            #expect(json.output.contains(#""remoteLength" : "#))
            #expect(json.output.contains(#""digest" : "\#(name == "zstd" ? "blake3" : "sha256"):"#))
            let offline = try program(["explain", "--offline"] + options)
            #expect(offline.lines.contains { $0.hasPrefix("      chunk ") }, "\(offline.output)\(offline.errors)")
        }

        @Test func aBootstrapIsHeldAgainstItsDigest() throws {
            let cache = try TemporaryDirectory()
            let digest = try runToSuccess(["sha256sum", Self.image]).output.prefix(64)
            let base = ["--cache-dir", cache.path, "--remote", "\(Self.fixtures)/zstd"]
            let right = try program(["check"] + base + ["--bootstrap-digest", "sha256:\(digest)", Self.image])
            #expect(right.status == 0, "\(right.errors)")
            let settings = cache.path("settings.toml")
            try write("bootstrap-digest = \"sha256:\(String(repeating: "0", count: 64))\"\n", to: settings)
            let wrong = try program(["check"] + base + ["--config", settings, Self.image])
            #expect(wrong.status == 1)
            #expect(wrong.errors.contains("its bootstrap has the digest sha256:\(digest), and not sha256:000"))
        }

        @Test(.requires(.root, .fuse, .tool("nginx")))
        func whatAnImageWantsFetchedAheadIs() throws {
            let directory = try TemporaryDirectory()
            let server = try NginxServer(serving: Self.fixtures)
            let mountpoint = try directory.makeDirectory("mnt")
            let cache = try directory.makeDirectory("cache")
            let digest = try runToSuccess(["sha256sum", Self.image]).output.prefix(64)
            let mounted = try MountedImage(
                "\(server.url)/zstd/image.boot", at: mountpoint,
                options: ["--remote", "\(server.url)/zstd", "--cache-dir", cache, "--prefetch", "image"]
                    + ["--bootstrap-digest", "sha256:\(digest)", "--fetch-window", "4K", "--read-ahead", "0"])
            try eventually("the prefetch ends") {
                try program(["status", mountpoint]).output.contains(", 0 failed, done\n")
            }
            server.stop()
            #expect(try run(["cat", "\(mountpoint)/bin/tool", "\(mountpoint)/data/text"]).bytes.count == 46000)
            #expect(try !run(["cat", "\(mountpoint)/data/block1"]).succeeded)
            try mounted.unmount()
        }

        @Test(.requires(.root, .fuse)) func onlyRafsImagesSayWhatToFetchAhead() throws {
            let directory = try TemporaryDirectory()
            let image = "\(PackageFiles.root)/Tests/EndToEndTests/Fixtures/block-512.erofs"
            let mount = try program(["mount", "--foreground", "--prefetch", "image", image, directory.path])
            #expect(mount.status == 2)
            #expect(mount.errors.contains("only RAFS images"), "\(mount.errors)")
            #expect(try MountTable.entry(at: directory.path) == nil)
        }
    }
}
