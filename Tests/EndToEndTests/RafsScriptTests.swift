// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    /// Images that `examples/containers/rafs-image.py` makes.
    @Suite(.serialized, .requires(.root, .fuse, .tool("python3"), .tool("setfacl"), .tool("getfattr")))
    struct RafsScriptTests {
        private static let script = "\(PackageFiles.root)/examples/containers/rafs-image.py"
        /// Whether the script finds what packs chunks.
        private static let hasZstandard =
            (try? run(["python3", "-c", "import ctypes; ctypes.CDLL('libzstd.so.1')"]).status) == 0

        @Test(
            "An image equals its directory",
            .enabled(if: hasZstandard, "no libzstd.so.1"),
            arguments: [[], ["--chunk-size", "4096"], ["--compressor", "none", "--chunk-size", "0x1000000"]])
        func anImageEqualsItsDirectory(options: [String]) throws {
            let directory = try TemporaryDirectory()
            let tree = try SourceTree(at: directory.path("tree"), files: 200, entries: 400)
            // Before 1970 seconds are counted down and nanoseconds up.
            try runToSuccess(["touch", "-d", "1969-12-31T23:59:58.25Z", directory.path("tree/sizes/one")])
            try make(options, of: tree.path, in: directory)
            let seen = try withMount(directory) { try TreeListing(of: $0) }
            #expect(try differences(seen, TreeListing(of: tree.path)).isEmpty)
            let check = try program(["check"] + place(directory))
            #expect(check.status == 0, "\(check.output)\(check.errors)")
        }

        @Test(.requires(.fileSystem("erofs")))
        func theKernelReadsTheImageToo() throws {
            let directory = try TemporaryDirectory()
            let tree = try SourceTree(at: directory.path("tree"), files: 50, entries: 200)
            // Plain chunks of one block lie in the blob as they lie in the device.
            try make(["--compressor", "none", "--chunk-size", "4096"], of: tree.path, in: directory)
            let check = try program(["check"] + place(directory))
            #expect(check.status == 0, "\(check.output)\(check.errors)")
            let cookies = try runToSuccess(["find", directory.path("cache"), "-name", "D*", "-size", "+1M"]).lines
            let image = ErofsImage(path: directory.path("image/image.boot"), blobs: [try #require(cookies.first)])
            let kernel = try KernelMount(image, at: directory.makeDirectory("kernel"))
            #expect(try differences(TreeListing(of: kernel.mountpoint), TreeListing(of: tree.path)).isEmpty)
        }

        @Test func aTreeWithoutDataHasNoBlob() throws {
            let directory = try TemporaryDirectory()
            try runToSuccess(["mkdir", "-p", directory.path("tree/below")])
            try write("", to: directory.path("tree/empty"))
            try runToSuccess(["ln", "-s", "empty", directory.path("tree/link")])
            try make(["--compressor", "none"], of: directory.path("tree"), in: directory)
            #expect(try runToSuccess(["ls", directory.path("image")]).lines == ["image.boot"])
            let seen = try withMount(directory) { try TreeListing(of: $0) }
            #expect(seen.count == 4)
            #expect(try differences(seen, TreeListing(of: directory.path("tree"))).isEmpty)
        }

        @Test func equalChunksAreStoredOnce() throws {
            let directory = try TemporaryDirectory()
            try runToSuccess(["mkdir", directory.path("tree")])
            let content = SourceTree.noise(1 << 20, seed: 1)
            for name in ["one", "two", "three"] { try write(content, to: directory.path("tree/\(name)")) }
            try make(["--compressor", "none"], of: directory.path("tree"), in: directory)
            let blob = try #require(try runToSuccess(["ls", directory.path("image")]).lines.first { $0.count == 64 })
            #expect(try sizes(ofFile: directory.path("image/\(blob)")).size < 3 << 19)
            #expect(try runToSuccess(["sha256sum", directory.path("image/\(blob)")]).output.prefix(64) == blob)
            let check = try program(["check"] + place(directory))
            #expect(check.status == 0, "\(check.output)\(check.errors)")
        }

        private func make(_ options: [String], of tree: String, in directory: TemporaryDirectory) throws {
            try runToSuccess(["python3", "-B", Self.script] + options + [tree, directory.path("image")], within: 300)
        }

        /// Where the image, its blob and its cache are, as arguments.
        private func place(_ directory: TemporaryDirectory) -> [String] {
            let folder = directory.path("image")
            return ["--cache-dir", directory.path("cache"), "--remote", folder, "\(folder)/image.boot"]
        }

        private func withMount(
            _ directory: TemporaryDirectory, _ body: (String) throws -> TreeListing
        ) throws -> TreeListing {
            let mountpoint = try directory.makeDirectory("mnt")
            let options = place(directory)
            let mounted = try MountedImage(options[options.count - 1], at: mountpoint, options: options.dropLast())
            let listing = try body(mountpoint)
            try mounted.unmount()
            return listing
        }

        /// What two trees differ in, but for the sizes of directories, which every file system counts in its own way.
        private func differences(_ one: TreeListing, _ other: TreeListing) -> [String] {
            let (one, other) = (Self.facts(one), Self.facts(other))
            return one.symmetricDifference(other).map { (one.contains($0) ? "+ " : "- ") + $0 }.sorted().prefix(20).map
            { $0 }
        }

        private static func facts(_ listing: TreeListing) -> Set<String> {
            Set(
                listing.facts.map { fact in
                    // From the end, because a name may hold tabs: entry, path, type, mode, owner, links, size, time, target.
                    var fields = fact.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
                    let isDirectory = fields.count >= 9 && fields[fields.count - 7].elementsEqual("d".utf8)
                    if isDirectory, fields[0].elementsEqual("entry".utf8) { fields[fields.count - 3] = [] }
                    return fields.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\t")
                })
        }
    }
}
