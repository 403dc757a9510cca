// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Fscache
import Testing

@testable import Commands

@Suite struct TraceLineTests {
    @Test func aLineHasWhatLinuxHasNot() {
        var event = CacheEvent(.fetchDone, time: 12_000_345_678, cookie: "blob\u{1B}[2J")
        event.object = 2
        event.message = 0x1F
        event.latency = 1_234_999
        event.error = "refused"
        #expect(
            TraceLine(event, path: nil).text
                == "12.000345 cachefiles_ondemand_cread: o=00000002 mid=1f  blob\\x1b[2J 1234 us error: refused\n")
        var read = CacheEvent(.prepareRead, time: 1_999_999_999, cookie: "blob")
        (read.verdict, read.reason, read.flags) = (.downloadFromServer, .foundHole, [.ondemand, .copyToCache])
        (read.start, read.length, read.inode) = (4096, 8192, 7)
        #expect(
            TraceLine(read, path: "/a\nb").text
                == "1.999999 cachefiles_prep_read: o=00000000 DOWN found-hole f=21 s=1000 2000 ni=7 B=0  blob /a\\x0ab\n"
        )
    }

    @Test func programsGetOneObjectALine() {
        var event = CacheEvent(.fetch, time: 5_000, cookie: "blob")
        (event.message, event.start, event.length, event.note) = (3, 4096, 8192, "foreground")
        #expect(
            JSON.line(TraceLine(event, path: "/file"))
                == #"{"backingInode":0,"cookie":"blob","event":"cachefiles_ondemand_read","length":8192,"message":3,"#
                + #""note":"foreground","object":0,"path":"/file","start":4096,"time":5e-06}"# + "\n")
    }

    @Test func refusalsAreOneLine() {
        #expect(ControlError("no\nway").text == "{\"error\":\"no\\nway\"}\n")
    }
}
