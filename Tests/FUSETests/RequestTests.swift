// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import FUSE
import Testing

@Suite struct RequestTests {
    /// A request of `length` claimed bytes with a body.
    private func message(length: UInt32? = nil, body: [UInt8]) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 40)
        func put<Value: FixedWidthInteger>(_ value: Value, _ offset: Int) {
            withUnsafeBytes(of: value) { bytes.replaceSubrange(offset..<offset + $0.count, with: $0) }
        }
        put(length ?? UInt32(40 + body.count), 0)
        put(UInt32(15), 4)
        put(UInt64(1234), 8)
        put(UInt64(42), 16)
        put(UInt32(1000), 24)
        return bytes + body
    }

    @Test func headerAndBody() {
        message(body: [1, 0, 0, 0, 2, 0, 0, 0]).withUnsafeBytes { bytes in
            let request = Request(bytes)
            #expect(request?.rawOpcode == Opcode.read.rawValue)
            #expect(request?.unique == 1234)
            #expect(request?.node == 42)
            #expect(request?.userID == 1000)
            #expect(request?.u32(4) == 2)
            #expect(request?.u64(0) == 0x2_0000_0001)
        }
    }

    @Test func loadsOutsideAreZero() {
        message(body: [255, 255, 255, 255]).withUnsafeBytes { bytes in
            let request = Request(bytes)
            #expect(request?.u64(0) == 0)
            #expect(request?.u32(4) == 0)
            #expect(request?.name(at: 4).isEmpty == true)
            #expect(request?.name(at: 400).isEmpty == true)
        }
    }

    @Test func namesEndAtNULOrAtTheEnd() {
        message(body: Array("ab\0cd".utf8)).withUnsafeBytes { bytes in
            #expect(Request(bytes).map { Array($0.name()) } == Array("ab".utf8))
            #expect(Request(bytes).map { Array($0.name(at: 3)) } == Array("cd".utf8))
        }
    }

    @Test(arguments: [UInt32(0), 39, 49, .max]) func lengthsThatAreNotTrueAreRefused(_ length: UInt32) {
        message(length: length, body: [0, 0, 0, 0, 0, 0, 0, 0]).withUnsafeBytes { bytes in
            #expect(Request(bytes) == nil)
        }
    }

    @Test func shortReadsAreRefused() {
        for count in 0..<40 {
            message(body: []).prefix(count).withUnsafeBytes { bytes in #expect(Request(bytes) == nil) }
        }
    }

    @Test func changesAreKnownAsSuch() {
        #expect(Opcode.write.isChange)
        #expect(Opcode.create.isChange)
        #expect(!Opcode.read.isChange)
        #expect(!Opcode.open.isChange)
    }
}
