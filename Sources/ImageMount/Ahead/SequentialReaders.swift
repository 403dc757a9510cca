// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import FUSE

/// Notices who reads a file from front to back, and says what of it to make ahead.
///
/// Only reads that cost something are told to it. For one thread.
struct SequentialReaders {
    /// Bytes of a file to be made ahead, in windows like the one that was asked for last.
    struct Plan: Equatable {
        var nid: NodeID
        var range: Range<UInt64>
        var window: Int
    }

    /// Readers that are followed at once; with more of them, those that were not heard of for longest are forgotten.
    static let most = 4
    /// Bytes that are made together at least, by one worker one after the other: clusters that lie across two windows are
    /// decoded once.
    static let batch = 512 << 10
    /// Batches that are made at most before they are asked for; those that are missing are made when half of them are.
    static let depth = 4
    /// Windows of other sizes are not made ahead: below, a request costs little, and the kernel asks for no more at once.
    static let windows = 64 << 10...ReplyBuffer.capacity
    /// Nor are larger ones of what is not decoded: the disk has enough to do with what the kernel asks for at once.
    static let largestPlain = 256 << 10

    private struct Reader {
        var nid: NodeID
        var next: UInt64
        /// Everything before this offset is made or being made.
        var planned: UInt64
        var heard: UInt64
    }

    /// A reader that is heard once in so many reads is there.
    private static let attention: UInt64 = 16

    private let processors: Int
    private var readers: [Reader] = []
    /// Reads that were told.
    private var clock: UInt64 = 0

    /// - Parameter processors: When as many readers are there, nothing is made ahead: what they ask for keeps all busy.
    init(processors: Int) { self.processors = processors }

    /// Notes a read of `range` of a file of `size` bytes.
    ///
    /// - Returns: What to make ahead now; nil most of the time.
    mutating func note(_ nid: NodeID, _ range: Range<UInt64>, size: UInt64, isDecoded: Bool = true) -> Plan? {
        clock += 1
        guard let index = readers.firstIndex(where: { $0.nid == nid && $0.next == range.lowerBound }) else {
            begin(nid, range)
            return nil
        }
        readers[index].heard = clock
        readers[index].next = range.upperBound
        guard isDecoded || range.count <= SequentialReaders.largestPlain else { return nil }
        return plan(&readers[index], range.count, size)
    }

    private func plan(_ reader: inout Reader, _ window: Int, _ size: UInt64) -> Plan? {
        guard SequentialReaders.windows.contains(window), present < max(2, processors) else { return nil }
        let start = max(reader.planned, reader.next)
        let batch = SequentialReaders.windowsPerBatch(window) * window
        let ahead = Int(min(start - reader.next, UInt64(SequentialReaders.depth * batch)))
        let batches = SequentialReaders.depth - (ahead + batch - 1) / batch
        guard batches >= SequentialReaders.depth / 2, start < size else { return nil }
        reader.planned = start + min(UInt64(batches * batch), size - start)
        return Plan(nid: reader.nid, range: start..<reader.planned, window: window)
    }

    /// Readers that are there.
    private var present: Int { readers.count { clock - $0.heard < SequentialReaders.attention } }

    /// How many windows of so many bytes are a batch.
    static func windowsPerBatch(_ window: Int) -> Int { max(1, batch / window) }

    private mutating func begin(_ nid: NodeID, _ range: Range<UInt64>) {
        let reader = Reader(nid: nid, next: range.upperBound, planned: range.upperBound, heard: clock)
        if readers.count < SequentialReaders.most { return readers.append(reader) }
        guard let oldest = readers.indices.min(by: { readers[$0].heard < readers[$1].heard }) else { return }
        readers[oldest] = reader
    }
}
