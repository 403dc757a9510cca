// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    /// RAFS v6 images of every kind, as the program reads them.
    @Suite(.serialized)
    struct NydusImageTests {
        private static let fixtures = PackageFiles.root + "/Tests/RafsTests/Fixtures"

        @Test(arguments: [
            "zstd", "lz4", "none", "gzip", "batch", "encrypted", "encbatch", "layered", "chunkdict", "zran", "tarfs",
        ])
        func everyByteOfAnImageIsRight(_ name: String) throws {
            let cache = try TemporaryDirectory()
            // A chunk dictionary's blob lies with the image that the dictionary was made of.
            let remotes = ["--remote", "\(Self.fixtures)/\(name)", "--remote", "\(Self.fixtures)/zstd"]
            let image = "\(Self.fixtures)/\(name)/image.boot"
            let check = try program(["check", "--cache-dir", cache.path] + remotes + [image])
            #expect(check.status == 0, "\(check.output)\(check.errors)")
            let again = try program(["check", "--cache-dir", cache.path, "--offline", image])
            #expect(again.status == 0, "\(again.output)\(again.errors)")
        }

        @Test func imagesOfADomainShareTheBlobOfADictionary() throws {
            let cache = try TemporaryDirectory()
            func check(_ name: String) throws -> Outcome {
                let folder = "\(Self.fixtures)/\(name)"
                let options = ["--cache-dir", cache.path, "--domain-id", "shop", "--remote", folder]
                return try program(["check"] + options + ["\(folder)/image.boot"])
            }
            // The dictionary's blob does not lie with the image that was built with it.
            #expect(try check("chunkdict").status == 1)
            #expect(try check("zstd").status == 0)
            let shared = try check("chunkdict")
            #expect(shared.status == 0, "\(shared.output)\(shared.errors)")
        }

        @Test(arguments: ["zstd", "lz4", "zran"])
        func aWrongByteOfABlobIsNamed(name: String) throws {
            let directory = try TemporaryDirectory()
            let folder = "\(Self.fixtures)/\(name)"
            try runToSuccess(["cp", "-r", folder, directory.path("copy")])
            let cookies = String(decoding: try bytes(ofFile: "\(folder)/cookies.txt"), as: UTF8.self)
            let blob = directory.path("copy/\(cookies.prefix(64))")
            var content = try bytes(ofFile: blob)
            content[3000] ^= 1
            try write(content, to: blob)
            let check = try program(
                ["check", "--cache-dir", directory.path("cache"), "--remote", directory.path("copy")]
                    + ["\(folder)/image.boot"])
            #expect(check.status == 1)
            #expect(check.errors.contains("digest differs") || check.errors.contains("does not decode"))
        }

        @Test func aBlobWithItsOwnBootstrapIsAnImage() throws {
            let cache = try TemporaryDirectory()
            let cookies = try bytes(ofFile: "\(Self.fixtures)/inline/cookies.txt")
            let name = String(decoding: cookies.prefix(64), as: UTF8.self)
            let image = "\(Self.fixtures)/inline/\(name)"
            let check = try program(["check", "--cache-dir", cache.path, image])
            #expect(check.status == 0, "\(check.output)\(check.errors)")
            let again = try program(["check", "--cache-dir", cache.path, "--offline", image])
            #expect(again.status == 0, "\(again.output)\(again.errors)")
        }

        @Test func aBlobWithoutBootstrapIsNoImage() throws {
            let cache = try TemporaryDirectory()
            let cookies = try bytes(ofFile: "\(Self.fixtures)/zstd/cookies.txt")
            let name = String(decoding: cookies.prefix(64), as: UTF8.self)
            let check = try program(["check", "--cache-dir", cache.path, "\(Self.fixtures)/zstd/\(name)"])
            #expect(check.status == 1)
            #expect(check.errors.contains("not an EROFS image"), "\(check.errors)")
        }
    }
}
