// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives
import Testing

@testable import FUSE

/// Requests and replies in the memory that is lent to the kernel, with the test in the kernel's place.
@Suite struct RingEntryTests {
    private let mailbox: RingMailbox
    private let entry: RingEntry

    init() throws {
        mailbox = try RingMailbox()
        entry = RingEntry(RingQueue(0), mailbox)
    }

    /// What the kernel writes: `struct fuse_in_header`, the operation's own part, and the payload.
    private func bring(
        _ opcode: Opcode, unique: UInt64, own: [UInt8] = [], payload: [UInt8] = [], length: UInt32? = nil
    ) {
        entry.withHeaders { headers in
            headers.storeBytes(of: length ?? UInt32(40 + own.count + payload.count), as: UInt32.self)
            headers.storeBytes(of: opcode.rawValue, toByteOffset: 4, as: UInt32.self)
            headers.storeBytes(of: unique, toByteOffset: 8, as: UInt64.self)
            headers.storeBytes(of: 11, toByteOffset: 16, as: UInt64.self)
            UnsafeMutableRawBufferPointer(rebasing: headers[128...]).copyBytes(from: own)
            headers.storeBytes(of: unique, toByteOffset: 264, as: UInt64.self)
            headers.storeBytes(of: UInt32(payload.count), toByteOffset: 272, as: UInt32.self)
        }
        entry.reply.payload.copyBytes(from: payload)
    }

    @Test func namesComeInThePayload() throws {
        bring(.lookup, unique: 4, payload: Array("a-name\0".utf8))
        let request = try #require(entry.request())
        #expect(request.rawOpcode == Opcode.lookup.rawValue)
        #expect(request.unique == 4)
        #expect(request.node == 11)
        #expect(Array(request.name()) == Array("a-name".utf8))
        // The reply overwrites the payload, not the request.
        entry.reply.append(UInt64.max)
        #expect(Array(request.name()) == Array("a-name".utf8))
    }

    @Test func theLongestNameComesBehindTheOwnPart() throws {
        let name = [UInt8](repeating: 65, count: 255)
        bring(.getxattr, unique: 6, own: [9, 0, 0, 0, 0, 0, 0, 0], payload: name + [0])
        let request = try #require(entry.request())
        #expect(request.u32(0) == 9)
        #expect(Array(request.name(at: 8)) == name)
    }

    @Test func whatIsLargerThanAnyNameIsCutOff() throws {
        bring(.write, unique: 8, own: [UInt8](repeating: 1, count: 40), payload: [UInt8](repeating: 2, count: 200_000))
        let request = try #require(entry.request())
        #expect(request.rawOpcode == Opcode.write.rawValue)
        #expect(request.copy.count == 40 + 4096 - 128)
    }

    @Test(arguments: [0, 39, 41, 300, UInt32.max]) func lengthsThatCannotBeAreNoRequest(length: UInt32) {
        bring(.getattr, unique: 10, own: [UInt8](repeating: 0, count: 16), payload: [1, 2], length: length)
        #expect(entry.request() == nil)
    }

    @Test func withoutANumberItIsNoRequest() {
        bring(.getattr, unique: 0, own: [UInt8](repeating: 0, count: 16))
        #expect(entry.request() == nil)
    }

    @Test func repliesOfOthersGoIntoTheLentMemory() throws {
        bring(.read, unique: 12, own: [UInt8](repeating: 0, count: 40))
        _ = try #require(entry.request())
        let other = ReplyBuffer(limit: 8192)
        other.append(UInt64(0x1122_3344))
        entry.send(other, to: 12, error: 0)
        #expect(mailbox.take().map { $0 === entry } == [true])
        #expect(mailbox.take().isEmpty)
        entry.withHeaders { headers in
            #expect(headers.load(fromByteOffset: 4, as: Int32.self) == 0)
            #expect(headers.load(fromByteOffset: 8, as: UInt64.self) == 12)
            #expect(headers.load(fromByteOffset: 272, as: UInt32.self) == 8)
        }
        #expect(entry.reply.payload.load(as: UInt64.self) == 0x1122_3344)
    }

    @Test func errorsHaveNoPayload() throws {
        bring(.read, unique: 14, own: [UInt8](repeating: 0, count: 40))
        _ = try #require(entry.request())
        entry.reply.append(UInt64(1))
        entry.send(error: EIO, to: 14)
        entry.withHeaders { headers in
            #expect(headers.load(fromByteOffset: 4, as: Int32.self) == -EIO)
            #expect(headers.load(fromByteOffset: 272, as: UInt32.self) == 0)
        }
    }

    /// Only the first few entries that had a large reply keep its memory.
    @Test func memoryOfLargeRepliesIsGivenBack() throws {
        let large = LargeReplies()
        entry.finish(error: 0, payload: LargeReplies.size)
        #expect(!entry.isTooLarge(large))
        let others = (0..<LargeReplies.most).map { _ in RingEntry(RingQueue(0), mailbox) }
        for _ in 0..<2 {
            for other in others {
                other.finish(error: 0, payload: ReplyBuffer.capacity)
                #expect(!other.isTooLarge(large))
            }
        }
        entry.finish(error: 0, payload: LargeReplies.size + 1)
        #expect(entry.isTooLarge(large))
        entry.reply.payload.initializeMemory(as: UInt8.self, repeating: 7)
        entry.shrink()
        #expect(entry.reply.payload[..<LargeReplies.size].allSatisfy { $0 == 7 })
        #expect(entry.reply.payload[LargeReplies.size...].allSatisfy { $0 == 0 })
        entry.finish(error: 0, payload: 1)
        #expect(!entry.isTooLarge(large))
    }

    /// Those that are there because others wait have their turn at large replies as well.
    @Test func spareEntriesKeepTheMemoryOfLargeRepliesToo() throws {
        let large = LargeReplies()
        let spare = RingEntry(RingQueue(0), mailbox, isSpare: true)
        for size in [8192, LargeReplies.size] {
            spare.finish(error: 0, payload: size)
            #expect(spare.isTooLarge(large))
        }
        spare.finish(error: 0, payload: LargeReplies.size + 1)
        #expect(!spare.isTooLarge(large))
        spare.finish(error: 0, payload: 8192)
        #expect(!spare.isTooLarge(large))
    }

    @Test func entriesAreQuietWhileAThreadRests() {
        #expect(!entry.isQuiet)
        entry.queue.rest()
        #expect(entry.isQuiet)
        entry.queue.wake()
        #expect(!entry.isQuiet)
    }

    @Test func aQueueKnowsHowManyOfItsThreadsAreBusy() {
        let queue = RingQueue(3)
        for _ in 0..<2 { queue.join() }
        #expect(queue.busyThreads == 2)
        for _ in 0..<2 { queue.rest() }
        #expect(queue.busyThreads == 0)
        queue.wake()
        #expect(queue.busyThreads == 1)
    }

    @Test func theBellRingsForOtherThreadsOnly() throws {
        func rang() -> Bool {
            var event = pollfd(fd: mailbox.descriptor, events: Int16(POLLIN), revents: 0)
            return poll(&event, 1, 0) == 1
        }
        mailbox.moveIn()
        mailbox.add(entry)
        #expect(!rang())
        try NamedThread("other") { [mailbox, entry] in mailbox.add(entry) }.join()
        #expect(rang())
        #expect(mailbox.take().count == 2)
        #expect(!mailbox.isStopping)
        mailbox.stop()
        #expect(mailbox.isStopping)
    }
}
