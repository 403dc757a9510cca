// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    @Suite(.serialized, .requires(.root, .fuse, .tool("mkfs.erofs"), .tool("nginx")))
    struct SharedBlobTests {
        private static let readers = 32

        /// Two processes mount two images that share their blobs; nothing is cached, and everybody reads at once.
        @Test func twoProcessesFetchEachByteOnce() throws {
            let sources = try TemporaryDirectory()
            for number in 0..<8 {
                try write(SourceTree.noise(1 << 20, seed: UInt64(number)), to: sources.path("file-\(number)"))
            }
            let lazy = try LazyImage(of: sources.path)
            let other = try lazy.directory.makeDirectory("other")
            let copy = lazy.directory.path("copy")
            try runToSuccess(["cp", lazy.image.path, copy])
            let first = try lazy.mount(["--domain-id", "shared"])
            let second = try MountedImage(
                copy, at: other, options: lazy.options(remote: nil, ["--domain-id", "shared"]))

            let readers = try (0..<2 * SharedBlobTests.readers).map { number in
                let place = number % 2 == 0 ? lazy.mountpoint : other
                return try RunningProcess(["cat", "\(place)/file-\(number / 2 % 8)"])
            }
            for reader in readers { #expect(try reader.wait().succeeded) }
            for place in [lazy.mountpoint, other] {
                #expect(try run(["diff", "-r", sources.path, place]).succeeded)
            }
            #expect(try overlaps(lazy.server.requests().fetches) == 0)
            try second.unmount()
            try first.unmount()
        }

        /// How many fetches begin before the one that precedes them in the blob ends.
        private func overlaps(_ fetches: [ServedRequest]) -> Int {
            Dictionary(grouping: fetches, by: \.path).values.reduce(0) { count, fetches in
                let ranges = fetches.compactMap(\.range).sorted { $0.lowerBound < $1.lowerBound }
                return count + zip(ranges, ranges.dropFirst()).count { $0.upperBound > $1.lowerBound }
            }
        }
    }
}
