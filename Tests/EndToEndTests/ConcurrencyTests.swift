// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    @Suite(.serialized, .requires(.root, .fuse, .tool("mkfs.erofs")))
    struct ConcurrencyTests {
        private let directory: TemporaryDirectory
        private let content = SourceTree.noise(4 << 20, seed: 11)

        init() throws {
            directory = try TemporaryDirectory()
            let tree = try directory.makeDirectory("tree")
            try write(content, to: "\(tree)/cold")
            try write(SourceTree.noise(256 * 1024, seed: 12), to: "\(tree)/warm")
            for number in 0..<200 { try write("\(number)", to: "\(tree)/file-\(number)") }
        }

        @Test func manyReadersOfOneRangeFetchItOnce() throws {
            let lazy = try LazyImage(of: directory.path("tree"))
            let server = try ScriptedServer(serving: lazy.blobs)
            let mounted = try lazy.mount(remote: "\(server.url)/")
            // Not before: the mount itself asks for the blobs' sizes, which is a range too.
            server.answer { _ in .stall }
            let readers = try (0..<64).map { _ in try lazy.startReading("cold", count: 4096) }
            // All have to wait before the first byte comes.
            try eventually("a stalled fetch") { server.stalled > 0 }
            server.answer { _ in .file }
            server.release()
            for reader in readers {
                #expect(try reader.wait().bytes == Array(content.prefix(4096)))
            }
            #expect(doubles(in: server.requests) == [])
            try mounted.unmount()
        }

        @Test func readersOfTheWholeFileFetchNoByteTwice() throws {
            let lazy = try LazyImage(of: directory.path("tree"))
            let server = try ScriptedServer(serving: lazy.blobs)
            let mounted = try lazy.mount(remote: "\(server.url)/")
            let readers = try (0..<16).map { _ in try lazy.startReading("cold", count: content.count) }
            for reader in readers { #expect(try reader.wait().bytes == content) }
            #expect(doubles(in: server.requests) == [])
            try mounted.unmount()
        }

        /// More threads than processors, all of which may be called, with readers that ask faster than one can answer.
        @Test func severalThreadsServeTheSameBytes() throws {
            let lazy = try LazyImage(of: directory.path("tree"))
            let mounted = try lazy.mount(["-o", "serving-threads=4"])
            for _ in 0..<3 {
                let readers = try (0..<8).map { _ in
                    try RunningProcess([
                        "sh", "-c", "cd \(lazy.mountpoint) && find . -type f | sort | xargs cat | sha256sum",
                    ])
                }
                let expected = try runToSuccess([
                    "sh", "-c", "cd \(directory.path("tree")) && find . -type f | sort | xargs cat | sha256sum",
                ]).output
                for reader in readers { #expect(try reader.wait().output == expected) }
                try dropCaches()
            }
            let end = try mounted.unmount()
            #expect(end.succeeded, "\(end.errors)")
        }

        @Test func aStalledServerHoldsUpNobodyElse() throws {
            let lazy = try LazyImage(of: directory.path("tree"))
            let server = try ScriptedServer(serving: lazy.blobs)
            let mounted = try lazy.mount(remote: "\(server.url)/")
            let warm = try lazy.read("warm", count: 256 * 1024)
            #expect(warm.succeeded)
            server.answer { $0.range == nil ? .file : .stall }
            let stuck = try lazy.startReading("cold", count: 4096)
            try eventually("the reader is stuck") { server.stalled > 0 }

            #expect(try run(["ls", "-lR", lazy.mountpoint]).lines.count > 200)
            try dropCaches()
            #expect(try lazy.read("warm", count: 256 * 1024).bytes == warm.bytes)
            #expect(stuck.isRunning)
            stuck.signal(9)
            #expect(try stuck.wait().status == 128 + 9)
            // The fetch is still stalled: neither it nor its server keeps the mount from going away.
            #expect(server.stalled > 0)
            let end = try mounted.unmount()
            #expect(end.succeeded, "\(end.errors)")
            #expect(server.stalled > 0)
            server.release()
        }

        /// The bytes that were asked for more than once, as text.
        private func doubles(in requests: [ServedRequest]) -> [String] {
            var seen: [String: Set<Int>] = [:]
            var doubles: [String] = []
            for request in requests.fetches {
                for page in Set((request.range ?? 0..<0).map { $0 / 4096 }) {
                    if !seen[request.path, default: []].insert(page).inserted {
                        doubles.append("\(request.path) page \(page)")
                    }
                }
            }
            return doubles
        }
    }
}
