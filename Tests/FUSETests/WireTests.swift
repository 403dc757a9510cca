// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import FUSE
import Testing

/// Offsets are those of the structures in linux/fuse.h.
@Suite struct WireTests {
    private static let attributes: Attributes = {
        var result = Attributes()
        result.inodeNumber = 0x1122_3344_5566_7788
        result.size = 4097
        result.sectors = 16
        result.seconds = -5
        result.nanoseconds = 999_999_999
        result.mode = 0o100644
        result.links = 3
        result.userID = 1000
        result.groupID = 1001
        result.device = 0x12_0834
        result.blockSize = 512
        return result
    }()

    private func check(attributes reply: ReplyBytes, at start: Int) {
        #expect(reply.payload(start, as: UInt64.self) == 0x1122_3344_5566_7788)
        #expect(reply.payload(start + 8, as: UInt64.self) == 4097)
        #expect(reply.payload(start + 16, as: UInt64.self) == 16)
        for time in 0..<3 {
            #expect(reply.payload(start + 24 + 8 * time, as: Int64.self) == -5)
            #expect(reply.payload(start + 48 + 4 * time, as: UInt32.self) == 999_999_999)
        }
        #expect(reply.payload(start + 60, as: UInt32.self) == 0o100644)
        #expect(reply.payload(start + 64, as: UInt32.self) == 3)
        #expect(reply.payload(start + 68, as: UInt32.self) == 1000)
        #expect(reply.payload(start + 72, as: UInt32.self) == 1001)
        #expect(reply.payload(start + 76, as: UInt32.self) == 0x12_0834)
        #expect(reply.payload(start + 80, as: UInt32.self) == 512)
    }

    @Test func headerNamesLengthErrorAndRequest() {
        let buffer = ReplyBuffer()
        buffer.append(UInt32(5))
        let good = ReplyBytes(buffer, unique: 0x1_0000_0002)
        #expect(good.load(0, as: UInt32.self) == 20)
        #expect(good.load(4, as: Int32.self) == 0)
        #expect(good.load(8, as: UInt64.self) == 0x1_0000_0002)
        #expect(good.bytes.count == 20)
        let bad = ReplyBytes(buffer, error: 2)
        #expect(bad.bytes.count == 16)
        #expect(bad.load(4, as: Int32.self) == -2)
    }

    @Test func entry() {
        let buffer = ReplyBuffer()
        buffer.append(entry: 99, WireTests.attributes, .endless)
        let reply = ReplyBytes(buffer)
        #expect(reply.bytes.count == 16 + 128)
        #expect(reply.payload(0, as: UInt64.self) == 99)
        #expect(reply.payload(8, as: UInt64.self) == 0)
        #expect(reply.payload(16, as: UInt64.self) == Validity.endless.seconds)
        #expect(reply.payload(24, as: UInt64.self) == Validity.endless.seconds)
        #expect(reply.payload(32, as: UInt64.self) == 0)
        check(attributes: reply, at: 40)
    }

    @Test func absentNameIsNodeZeroThatMayBeKept() {
        let buffer = ReplyBuffer()
        buffer.append(absentFor: .endless)
        let reply = ReplyBytes(buffer)
        #expect(reply.bytes.count == 16 + 128)
        #expect(reply.payload(0, as: UInt64.self) == 0)
        #expect(reply.payload(16, as: UInt64.self) == Validity.endless.seconds)
    }

    @Test func attributes() {
        let buffer = ReplyBuffer()
        buffer.append(WireTests.attributes, Validity(seconds: 3))
        let reply = ReplyBytes(buffer)
        #expect(reply.bytes.count == 16 + 104)
        #expect(reply.payload(0, as: UInt64.self) == 3)
        check(attributes: reply, at: 16)
    }

    @Test func statistics() {
        let buffer = ReplyBuffer()
        buffer.append(FileSystemStatistics(blocks: 10, blockSize: 4096, files: .max, freeFiles: 9))
        let reply = ReplyBytes(buffer)
        #expect(reply.bytes.count == 16 + 80)
        #expect(reply.payload(0, as: UInt64.self) == 10)
        #expect(reply.payload(8, as: UInt64.self) == 0)
        #expect(reply.payload(24, as: UInt64.self) == .max)
        #expect(reply.payload(32, as: UInt64.self) == 9)
        #expect(reply.payload(40, as: UInt32.self) == 4096)
        #expect(reply.payload(44, as: UInt32.self) == 255)
        #expect(reply.payload(48, as: UInt32.self) == 4096)
    }

    @Test(arguments: [("a", 32), ("12345678", 32), ("123456789", 40)])
    func listedNamesArePadded(_ name: String, _ length: Int) {
        let buffer = ReplyBuffer()
        let fits = name.withBytes {
            buffer.append(listed: $0, inodeNumber: 5, cookie: 77, type: 8, limit: length)
        }
        #expect(fits)
        let reply = ReplyBytes(buffer)
        #expect(reply.bytes.count == 16 + length)
        #expect(reply.payload(0, as: UInt64.self) == 5)
        #expect(reply.payload(8, as: UInt64.self) == 77)
        #expect(reply.payload(16, as: UInt32.self) == UInt32(name.utf8.count))
        #expect(reply.payload(20, as: UInt32.self) == 8)
        #expect(Array(reply.bytes[40..<40 + name.utf8.count]) == Array(name.utf8))
        #expect(reply.bytes[(40 + name.utf8.count)...].allSatisfy { $0 == 0 })
    }

    @Test func listedNamesThatDoNotFitLeaveNothingBehind() {
        let buffer = ReplyBuffer()
        let fits = "123456789".withBytes {
            buffer.append(listed: $0, inodeNumber: 5, cookie: 77, type: 8, limit: 39)
        }
        #expect(!fits)
        #expect(buffer.count == 0)
    }

    @Test func listedNamesWithAttributes() {
        let buffer = ReplyBuffer()
        func append(_ limit: Int) -> Bool {
            "abc".withBytes {
                buffer.append(
                    listed: $0, node: 4, WireTests.attributes, cookie: 12, type: 8, validity: .endless, limit: limit)
            }
        }
        #expect(!append(159))
        #expect(buffer.count == 0)
        #expect(append(160))
        #expect(!append(160))
        let reply = ReplyBytes(buffer)
        #expect(reply.bytes.count == 16 + 160)
        #expect(reply.payload(0, as: UInt64.self) == 4)
        check(attributes: reply, at: 40)
        #expect(reply.payload(128, as: UInt64.self) == 0x1122_3344_5566_7788)
        #expect(reply.payload(136, as: UInt64.self) == 12)
        #expect(reply.payload(144, as: UInt32.self) == 3)
    }

    @Test func payloadNeverExceedsItsCapacity() {
        let buffer = ReplyBuffer()
        buffer.commit(.max)
        #expect(buffer.count == ReplyBuffer.capacity)
        buffer.append(UInt64(1))
        "x".withBytes { buffer.append($0) }
        #expect(buffer.count == ReplyBuffer.capacity)
        buffer.reset()
        #expect(buffer.count == 0)
    }
}
