// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    /// What the kernel's on-demand mode promises, or should have promised, where one mount shows it.
    @Suite(.serialized, .requires(.root, .fuse, .tool("mkfs.erofs")))
    struct ConformanceTests {
        private static let chunk = 65_536

        /// A request that goes over data and a hole gets zeroes for the hole only, cold and warm.
        @Test func aHoleBesideDataIsZeroesByItself() throws {
            let sources = try TemporaryDirectory()
            let zeroes = [UInt8](repeating: 0, count: ConformanceTests.chunk)
            let parts = (0..<3).map { SourceTree.noise(ConformanceTests.chunk, seed: UInt64($0)) }
            let content = zeroes + parts[0] + zeroes + parts[1] + parts[2] + zeroes
            try write(content, to: sources.path("file"))
            let lazy = try LazyImage(of: sources.path)
            let server = try ScriptedServer(serving: lazy.blobs)
            let mounted = try lazy.mount(remote: server.url + "/")
            for _ in 0..<2 {
                let file = "\(lazy.mountpoint)/file"
                let got = try run(["dd", "if=\(file)", "bs=\(content.count)", "iflag=fullblock", "status=none"])
                #expect(got.bytes == content)
            }
            try mounted.unmount()
        }

        /// A part that does not come holds up and fails only those who want it.
        @Test func aMissingPartFailsByItself() throws {
            let sources = try TemporaryDirectory()
            let content = SourceTree.noise(16 * ConformanceTests.chunk, seed: 5)
            try write(content, to: sources.path("file"))
            let lazy = try LazyImage(of: sources.path)
            let server = try ScriptedServer(serving: lazy.blobs)
            let mounted = try lazy.mount(remote: server.url + "/", ["--read-ahead", "0"])
            // Metadata may lie in a blob as well: one read brings what is needed to find the file.
            #expect(try lazy.read("file", count: ConformanceTests.chunk).succeeded)
            server.answer { $0.method == "GET" ? .stall : .file }
            let middle = 8 * ConformanceTests.chunk
            let waiting = try lazy.startReading("file", offset: middle, count: 4096)
            try eventually("a request that stalls") { server.stalled > 0 }
            server.answer { _ in .file }
            for start in [4, 5, 12, 13].map({ $0 * ConformanceTests.chunk }) {
                let got = try lazy.read("file", offset: start, count: 4096)
                #expect(got.bytes == Array(content[start..<start + 4096]))
            }
            server.release()
            #expect(try waiting.wait().bytes == Array(content[middle..<middle + 4096]))
            try mounted.unmount()
        }

        /// A chunk that two files share is fetched once, whoever reads it first; two mounts: see `SharedBlobTests`.
        @Test func aChunkOfTwoFilesIsFetchedOnce() throws {
            let sources = try TemporaryDirectory()
            let content = SourceTree.noise(16 * ConformanceTests.chunk, seed: 10)
            for name in ["one", "two"] { try write(content, to: sources.path(name)) }
            let lazy = try LazyImage(of: sources.path)
            // The image has the bytes once.
            #expect(try lazy.image.blobs.reduce(0) { $0 + (try sizes(ofFile: $1).size) } < 2 * content.count)
            let server = try ScriptedServer(serving: lazy.blobs)
            let mounted = try lazy.mount(remote: server.url + "/", ["--read-ahead", "0"])
            server.answer { $0.method == "GET" ? .stall : .file }
            let readers = try ["one", "two", "one", "two"].map { try lazy.startReading($0, count: 4096) }
            try eventually("all readers waiting") {
                let waiting = try program(["metrics", lazy.mountpoint]).lines.first {
                    $0.hasPrefix("erofs_fuse_waiting_requests ")
                }
                return server.stalled > 0 && waiting.map { !$0.hasSuffix(" 0") && !$0.hasSuffix(" 1") } == true
            }
            server.answer { _ in .file }
            server.release()
            for reader in readers { #expect(try reader.wait().bytes == Array(content[..<4096])) }
            #expect(server.requests.fetches.count == 1)
            try mounted.unmount()
        }

        /// What is cached is read without asking anybody, after a restart and after a crash, with the server and without.
        @Test func whatIsCachedAsksNobody() throws {
            let sources = try TemporaryDirectory()
            let content = SourceTree.noise(1 << 20, seed: 6)
            try write(content, to: sources.path("file"))
            let lazy = try LazyImage(of: sources.path)
            let server = try ScriptedServer(serving: lazy.blobs)
            let first = try lazy.mount(remote: server.url + "/")
            #expect(try lazy.read("file", count: content.count).bytes == content)
            first.abandon()
            let asked = server.requests.fetches.count
            let second = try lazy.mount(remote: server.url + "/")
            #expect(try lazy.read("file", count: content.count).bytes == content)
            #expect(server.requests.fetches.count == asked)
            try second.unmount()
            server.stop()
            let third = try lazy.mount(remote: server.url + "/")
            #expect(try lazy.read("file", count: content.count).bytes == content)
            try third.unmount()
        }

        /// The library's example reads a remote file through a cache, the second time without fetching.
        @Test(.requires(.tool("nginx"))) func theLibraryReadsAFileThroughTheCache() throws {
            let directory = try TemporaryDirectory()
            let www = try directory.makeDirectory("www")
            let content = SourceTree.noise(3_000_000, seed: 8)
            try write(content, to: "\(www)/file")
            let server = try NginxServer(serving: www)
            let program = PackageFiles.example("read-through-cache")
            let example = [program, "\(server.url)/file", directory.path("cache")]
            let proxies = MountedImage.environment
            let first = try run(example, environment: proxies)
            #expect(first.bytes == content, "\(first.errors)")
            #expect(first.errors == "3000000 bytes fetched\n")
            let again = try run(example + ["5000", "100"], environment: proxies)
            #expect(again.bytes == Array(content[5000..<5100]))
            #expect(again.errors == "0 bytes fetched\n")
        }
    }
}
