// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import FUSE

/// `struct fuse_open_out`.
@Suite struct OpenReplyTests {
    @Test func aFileThatIsAskedForKeepsItsPages() {
        let reply = ReplyBuffer()
        reply.append(.asked(handle: 7))
        #expect(Array(ReplyBytes(reply).bytes[16...]) == [7, 0, 0, 0, 0, 0, 0, 0, 0x22, 0, 0, 0, 0, 0, 0, 0])
    }

    /// The kernel refuses it together with FOPEN_KEEP_CACHE.
    @Test func aPassedFileNamesItsBackingFile() {
        let reply = ReplyBuffer()
        reply.append(.passed(BackingID(rawValue: 0x0102), handle: 1))
        #expect(Array(ReplyBytes(reply).bytes[16...]) == [1, 0, 0, 0, 0, 0, 0, 0, 0xA0, 0, 0, 0, 2, 1, 0, 0])
    }
}
