// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Commands

@Suite struct StatusTests {
    private func report(cached: UInt64, of size: UInt64, moved: UInt64 = 3 << 20) -> MountReport {
        let blob = MountReport.Blob(
            key: "blob1", size: size, cached: cached, object: "/cache/Dblob1", fetchedBytes: 3 << 20, movedBytes: moved,
            fetches: 7,
            failedFetches: 1, number: 2, state: "A", flags: 0x6004, accesses: 3)
        return MountReport(
            image: "image", mountPoint: "/mnt", process: 7, volume: "erofs,image", isOffline: false, blobs: [blob],
            served: MountReport.Served(
                requests: ["read": 200, "lookup": 3], bytes: 12 << 20, hits: 150, misses: 50, handedOver: 0, errors: 0,
                interrupted: 0, waiting: 0, passedFiles: 2),
            protocolVersion: "7.38", capabilities: [], maxReadahead: 0, cache: cache)
    }

    private var cache: MountReport.Cache {
        MountReport.Cache(
            directory: "/cache", taken: 3 << 20, culled: 7 << 20, maxBytes: 4 << 20,
            freeLimits: ["brun": 7, "bcull": 5, "bstop": 1], freeBlocks: 61, freeFiles: 99)
    }

    @Test func tablesHaveTheKernelsColumns() {
        let lines = StatusTables(report: report(cached: 5 << 20, of: 10 << 20)).lines.split(separator: "\n")
        #expect(lines[2] == "00000001     1     1     1     3 A /cache")
        let room = "[##############################..........]  75 %"
        #expect(lines[3] == "         \(room) 3.0 MiB of at most 4.0 MiB, 7.0 MiB taken out")
        #expect(lines[4] == "         free on the disk: 61 % of blocks (brun 7 % bcull 5 % bstop 1 %), 99 % of files")
        #expect(lines[7] == "00000001     1     1   3 00 00000001        erofs,image")
        #expect(lines[10] == "00000002 00000001   1   1   3 A 6004 626c6f6231")
        let bar = "[####################....................]  50 %"
        #expect(lines[11] == "         \(bar) 5.0 MiB of 10.0 MiB, 3.0 MiB in 7 fetches, 1 failed")
    }

    @Test(arguments: [(UInt64(0), "[....", "  0 %"), (9999, "###.]", " 99 %"), (10_000, "####]", "100 %")])
    func aBarIsFullOnlyWhenAllIsThere(cached: UInt64, marks: String, percent: String) {
        let lines = StatusTables(report: report(cached: cached, of: 10_000)).lines
        #expect(lines.contains(marks) && lines.contains(percent))
    }

    @Test func ratiosAreOfWhatWasAsked() {
        let text = report(cached: 1, of: 2).lines
        #expect(text.contains("hits         75.0 % of 200 reads"))
        #expect(text.contains("passed       2 files, which the kernel reads by itself\n"))
        #expect(text.contains("fetched      3.0 MiB for 12.0 MiB served (0.25)\n"))
        let packed = report(cached: 1, of: 2, moved: 1 << 20).lines
        #expect(packed.contains("fetched      3.0 MiB for 12.0 MiB served (0.25), packed 1.0 MiB\n"))
    }
}
