// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Fscache
import Glibc
import Primitives
import TestSupport
import Testing

/// The test vectors of the kernel's `prepare_ondemand_read`; numbers in KiB unless they say otherwise.
@Suite struct PrepareOndemandReadTests {
    struct Vector: Sendable {
        var number: Int
        var data: [ClosedRange<UInt64>] = []
        var fileSize: UInt64 = 256
        var start: UInt64 = 0
        var bytes: UInt64 = 64 << 10
        var fill: Fill = .nothing
        var isOndemand = true
        var hasNoData = false
        var endOfFile: UInt64 = .max
        var verdict: Verdict
        var reason: VerdictReason
        var length: UInt64
        var flags: UInt8
        var asked: [UInt64]?
    }

    enum Fill: Sendable { case nothing, all, firstBlock, lastBlock, failure }

    static let vectors: [Vector] = [
        Vector(number: 1, data: [0...128], verdict: .readFromCache, reason: .haveData, length: 64, flags: 0x20),
        Vector(number: 2, data: [0...32], verdict: .readFromCache, reason: .haveData, length: 32, flags: 0x20),
        Vector(
            number: 3, fill: .all, verdict: .readFromCache, reason: .haveData, length: 64, flags: 1, asked: [0, 64]),
        Vector(
            number: 4, data: [32...64], fill: .all, verdict: .readFromCache, reason: .haveData, length: 32, flags: 1,
            asked: [0, 32]),
        Vector(
            number: 5, data: [128...256], fill: .all, verdict: .readFromCache, reason: .haveData, length: 64, flags: 1,
            asked: [0, 64]),
        Vector(number: 6, verdict: .downloadFromServer, reason: .seekENXIO, length: 64, flags: 1, asked: [0, 64]),
        Vector(
            number: 7, fill: .firstBlock, verdict: .readFromCache, reason: .haveData, length: 4, flags: 1,
            asked: [0, 64]),
        Vector(
            number: 8, fill: .lastBlock, verdict: .downloadFromServer, reason: .foundPart, length: 60, flags: 1,
            asked: [0, 64]),
        Vector(
            number: 9, data: [32...64], verdict: .downloadFromServer, reason: .foundHole, length: 32, flags: 1,
            asked: [0, 32]),
        Vector(
            number: 10, fill: .failure, verdict: .invalidRead, reason: .seekENXIO, length: 64, flags: 0x21,
            asked: [0, 64]),
        Vector(
            number: 11, data: [0...64], fileSize: 64, start: 64, bytes: 4096, verdict: .downloadFromServer,
            reason: .seekENXIO, length: 4, flags: 1, asked: [64, 4]),
        Vector(
            number: 12, data: [0...64], hasNoData: true, verdict: .readFromCache, reason: .haveData, length: 64,
            flags: 0x21),
        Vector(
            number: 13, isOndemand: false, verdict: .downloadFromServer, reason: .seekENXIO, length: 64, flags: 1),
        Vector(
            number: 14, start: 64, bytes: 4096, isOndemand: false, endOfFile: 64 << 10, verdict: .fillWithZeroes,
            reason: .afterEnd, length: 4, flags: 0),
        Vector(
            number: 15, data: [4...8], bytes: 5000, fill: .all, verdict: .readFromCache, reason: .haveData, length: 4,
            flags: 1, asked: [0, 4]),
    ]

    @Test(arguments: vectors) func overTheHolesOfAFile(vector: Vector) throws {
        let directory = try TemporaryDirectory()
        let file = try Descriptor.open(directory.path + "/object", O_RDWR | O_CREAT)
        ftruncate(file.raw, Int(vector.fileSize << 10))
        check(vector, HoleMap(file)) { range in
            let bytes = [UInt8](repeating: 1, count: range.count)
            pwrite(file.raw, bytes, bytes.count, Int(range.lowerBound))
        }
    }

    @Test(arguments: vectors) func overABitmap(vector: Vector) throws {
        let directory = try TemporaryDirectory()
        let map = try MapFile(path: directory.path + "/map", key: "x", size: vector.fileSize << 10, validator: nil)
        check(vector, BitmapMap(map.readable)) { range in
            map.readable.insert(Int(range.lowerBound / 4096)..<Int(range.upperBound / 4096))
        }
    }

    private func check(_ vector: Vector, _ map: some PresenceMap, write: (Range<UInt64>) -> Void) {
        for run in vector.data { write(run.lowerBound << 10..<run.upperBound << 10) }
        var read = OndemandRead(
            start: vector.start << 10, length: vector.bytes, fileSize: vector.endOfFile,
            flags: vector.isOndemand ? .ondemand : [])
        var asked: [UInt64]?
        let (verdict, reason) = prepareOndemandRead(
            &read, over: map, blockSize: 4096, hasNoData: vector.hasNoData
        ) { start, length in
            asked = [start >> 10, length >> 10]
            switch vector.fill {
            case .nothing: break
            case .all: write(start..<start + length)
            case .firstBlock: write(start..<start + 4096)
            case .lastBlock: write(start + length - 4096..<start + length)
            case .failure: return .failed
            }
            return .completed
        }
        #expect(verdict == vector.verdict, "vector \(vector.number)")
        #expect(reason == vector.reason, "vector \(vector.number)")
        #expect(read.length == vector.length << 10, "vector \(vector.number)")
        #expect(read.flags.rawValue == vector.flags, "vector \(vector.number)")
        #expect(asked == vector.asked, "vector \(vector.number)")
    }
}
