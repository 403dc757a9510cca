// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    /// RAFS v6 images through mounts: what is shown is what the kernel shows of the same bootstrap over uncompressed
    /// blobs, and the cookies hold what the images' generator says.
    @Suite(.serialized, .requires(.root, .fuse, .tool("nginx"), .tool("docker-registry"), .fileSystem("erofs")))
    struct NydusMountTests {
        private static let fixtures = PackageFiles.root + "/Tests/RafsTests/Fixtures"

        /// One image of the fixtures.
        private struct Fixture {
            let name: String
            var folder: String { "\(fixtures)/\(name)" }
            /// The blobs of the device slots, in order, with the digests of their whole cookies.
            let cookies: [(blob: String, digest: String)]

            init(_ name: String) throws {
                self.name = name
                let list = String(decoding: try bytes(ofFile: "\(fixtures)/\(name)/cookies.txt"), as: UTF8.self)
                cookies = list.split(separator: "\n").map { line in
                    let words = line.split(separator: " ").map(String.init)
                    return (words[0], words[2])
                }
            }

            /// The file to mount: the bootstrap, or the blob that carries it.
            var image: String { name == "inline" ? cookies[0].blob : "image.boot" }

            /// The files of the folder whose names are digests: data and meta blobs.
            func blobs() throws -> [String] {
                try runToSuccess(["ls", folder]).lines.filter { $0.utf8.count == 64 }
            }
        }

        @Test(
            "From a web server",
            arguments: [
                "zstd", "lz4", "none", "gzip", "batch", "encrypted", "encbatch", "inline", "layered", "chunkdict",
                "zran", "tarfs",
            ])
        func fromAWebServer(name: String) throws {
            let fixture = try Fixture(name)
            let server = try NginxServer(serving: Self.fixtures)
            // A bootstrap may lie elsewhere than its blobs; a blob that carries one is asked for where it lies.
            let image = "\(name == "inline" ? "\(server.url)/inline" : fixture.folder)/\(fixture.image)"
            // A chunk dictionary's blob lies with the image that the dictionary was made of.
            let remotes = ["--remote", "\(server.url)/\(name)", "--remote", "\(server.url)/zstd"]
            let cache = try mountEqualsTheKernels(image, remotes, fixture)
            // All is there, the blobs' tables too; a bootstrap that lies in a blob is looked for in its tail.
            let before = try server.requests().fetches.count
            let point = try TemporaryDirectory()
            let again = try MountedImage(image, at: point.path, options: ["--cache-dir", cache.path] + remotes)
            #expect(try TreeListing(of: point.path).count > 1)
            let report = try runToSuccess([PackageFiles.program(), "metrics", point.path])
            try again.unmount()
            guard name != "inline" else { return }
            #expect(try server.requests().fetches.count == before)
            let moved = report.lines.filter { $0.hasPrefix("fscache_moved_bytes_total{") }
            #expect(moved.count == fixture.cookies.count && moved.allSatisfy { $0.hasSuffix(" 0") }, "\(moved)")
        }

        @Test("From a registry, by tag", arguments: ["zstd", "inline", "chunkdict", "zran"])
        func fromARegistry(name: String) throws {
            let fixture = try Fixture(name)
            let directory = try TemporaryDirectory()
            let folders = name == "chunkdict" ? [fixture, try Fixture("zstd")] : [fixture]
            var layers: [ImageRegistry.Layer] = []
            for folder in folders {
                layers += try folder.blobs().map {
                    ImageRegistry.Layer("\(folder.folder)/\($0)", "application/vnd.oci.image.layer.nydus.blob.v1")
                }
            }
            if name != "inline" {
                let archive = directory.path("bootstrap.tar.gz")
                try runToSuccess(
                    ["tar", "-czf", archive, "-C", fixture.folder, "--transform", "s,^,image/,", "image.boot"])
                layers.append(
                    ImageRegistry.Layer(
                        archive, "application/vnd.oci.image.layer.v1.tar+gzip",
                        annotations: ["containerd.io/snapshot/nydus-bootstrap": "true"]))
            }
            let registry = try ImageRegistry(layers, wantsPassword: false)
            try mountEqualsTheKernels("\(registry.repository):v1", [], fixture)
        }

        /// - Returns: The cache directory, with all of the image.
        @discardableResult
        private func mountEqualsTheKernels(
            _ image: String, _ options: [String], _ fixture: Fixture
        ) throws -> TemporaryDirectory {
            let directory = try TemporaryDirectory()
            let mountpoint = try directory.makeDirectory("mnt")
            let kept = try TemporaryDirectory()
            let cache = kept.path
            let mounted = try MountedImage(
                image, at: mountpoint,
                options: ["--cache-dir", cache, "--prefetch", "all", "--prefetch-rate", "0"] + options)
            let listing = try TreeListing(of: mountpoint)
            try eventually("the prefetch ends") {
                try program(["status", mountpoint]).output.contains(", 0 failed, done\n")
            }
            try mounted.unmount()
            var objects: [String] = []
            for cookie in fixture.cookies {
                let object = try #require(try runToSuccess(["find", cache, "-name", "D\(cookie.blob)"]).lines.first)
                #expect(try runToSuccess(["sha256sum", object]).output.prefix(64) == cookie.digest)
                objects.append(object)
            }
            let kernel = try KernelMount(
                ErofsImage(path: "\(fixture.folder)/image.boot", blobs: objects),
                at: directory.makeDirectory("kernel"))
            #expect(try listing.differences(from: TreeListing(of: kernel.mountpoint)).isEmpty, "\(image)")
            return kept
        }
    }
}
