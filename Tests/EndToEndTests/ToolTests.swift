// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    /// The tools that the other suites trust.
    @Suite(.serialized, .requires(.root, .fileSystem("erofs"), .tool("mkfs.erofs"), .tool("nginx")))
    struct ToolTests {
        @Test func aSplitImageIsTheSameToTheKernel() throws {
            let directory = try TemporaryDirectory()
            let tree = try SourceTree(at: directory.path("tree"), files: 500, entries: 300)
            let single = try ErofsImage.make(
                "single", from: tree.path, in: directory, options: ["--chunksize=4096"], blob: true)
            let split = try single.split(into: 3, in: directory, name: "split")
            #expect(try split.blobs.allSatisfy { try sizes(ofFile: $0).size > 1 << 20 })
            let kernel = try KernelMount(split, at: directory.makeDirectory("mnt"))
            let shown = try TreeListing(of: kernel.mountpoint)
            let contents = shown.differences(from: try TreeListing(of: tree.path)).filter { !$0.contains("entry") }
            #expect(contents.isEmpty)
            #expect(shown.count > 800)
        }

        @Test func listingsTellTreesApart() throws {
            let directory = try TemporaryDirectory()
            let listings = try ["a", "b"].map { name in
                let tree = try directory.makeDirectory(name)
                try write("same size: \(name)", to: "\(tree)/file")
                try runToSuccess(["touch", "-d", "@1000", "\(tree)/file", tree])
                return try TreeListing(of: tree)
            }
            #expect(listings[0].differences(from: listings[1]).count == 2)
            #expect(listings[0].differences(from: listings[0]).isEmpty)
        }

        @Test func nginxWritesDownEachRange() throws {
            let directory = try TemporaryDirectory()
            try write(SourceTree.noise(10_000, seed: 1), to: directory.path("blob"))
            let server = try NginxServer(serving: directory.path)
            for _ in 0..<2 {
                let part = try runToSuccess(["curl", "-s", "--noproxy", "*", "-r", "100-299", "\(server.url)/blob"])
                #expect(part.bytes == Array(SourceTree.noise(10_000, seed: 1)[100..<300]))
                server.stop()
                try server.start()
            }
            let requests = try server.requests()
            #expect(requests.map(\.path) == ["/blob", "/blob"])
            #expect(requests.fetches.map(\.range) == [100..<300, 100..<300])
            #expect(requests.map(\.status) == [206, 206])
            #expect(requests.totalBytes == 400)
        }

        @Test func scriptedServersObey() throws {
            let directory = try TemporaryDirectory()
            try write(SourceTree.noise(10_000, seed: 1), to: directory.path("blob"))
            let server = try ScriptedServer(serving: directory.path) { $0.range == nil ? .file : .stall }
            let curl = ["curl", "-s", "--noproxy", "*", "\(server.url)/blob"]
            #expect(try runToSuccess(curl).bytes == SourceTree.noise(10_000, seed: 1))
            let stuck = try RunningProcess(curl + ["-r", "0-99"])
            try eventually("the request stalls") { server.stalled == 1 }
            #expect(stuck.isRunning)
            server.release()
            #expect(try stuck.wait().bytes == Array(SourceTree.noise(10_000, seed: 1).prefix(100)))
            server.answer { _ in .status(503) }
            #expect(try run(curl + ["-f"]).status == 22)
            server.answer { _ in .cut(after: 10) }
            #expect(try run(curl).status == 18)
            server.stop()
            #expect(try run(curl).status == 7)
        }
    }
}
