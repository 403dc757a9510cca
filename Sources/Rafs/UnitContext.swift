// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// A batch: small chunks compressed together (40 bytes on disk).
struct BatchContext: Sendable {
    /// Bytes in the blob.
    let remoteSize: Int
    /// Plain bytes; equal to `remoteSize` when the batch is stored as it is.
    let size: Int
}

/// A place where inflating an ordinary gzip file can begin (40 bytes on disk).
struct RandomAccessContext: Sendable {
    /// The compressed bytes, from the first whole byte of the deflate block.
    let remote: Range<UInt64>
    /// Plain bytes that `remote` inflates to.
    let size: Int
    /// Where the dictionary lies in the dictionary area.
    let dictionary: Range<Int>
    /// The byte before `remote`.
    let byte: UInt8
    /// How many of the byte's bits belong to the block.
    let bits: UInt8
}

/// The contexts behind the chunk info array, and the dictionaries behind them.
struct ContextTable: Sendable {
    /// Bytes of a context.
    static let byteCount = 40
    /// What one context may decode to, and be decoded from.
    private static let maximumSize = 16 << 20

    /// How many contexts there are.
    let count: Int
    private let bytes: [UInt8]
    private let offset: Int
    /// Where the dictionaries begin in ``bytes``, and where they end.
    private let dictionaries: Range<Int>

    /// The table at `range` of the plain chunk info.
    init(_ bytes: [UInt8], range: Range<Int>, count: Int) throws(RafsError) {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count, count <= range.count / Self.byteCount else {
            throw .truncated(.context(0), offset: UInt64(range.lowerBound), count: UInt64(range.count))
        }
        self.bytes = bytes
        self.count = count
        offset = range.lowerBound
        dictionaries = range.lowerBound + count * Self.byteCount..<range.upperBound
    }

    /// The batch at `index`.
    func batch(_ index: Int) throws(RafsError) -> BatchContext {
        let record = try record(index)
        let context = BatchContext(remoteSize: Int(record.u32(0)), size: Int(record.u32(4)))
        guard (1...Self.maximumSize).contains(context.size), (1...2 * Self.maximumSize).contains(context.remoteSize)
        else { throw .damaged(.context(index), field: "size", value: UInt64(context.size)) }
        return context
    }

    /// The random access context at `index`.
    func window(_ index: Int) throws(RafsError) -> RandomAccessContext {
        let record = try record(index)
        /// Bytes in the blob.
        let remoteSize = record.u32(24)
        let size = Int(record.u32(28))
        guard (1...Self.maximumSize).contains(size), (1...UInt32(2 * Self.maximumSize)).contains(remoteSize) else {
            throw .damaged(.context(index), field: "out_len", value: UInt64(size))
        }
        guard record.u64(0) <= 1 << 40 else {
            throw .damaged(.context(index), field: "in_offset", value: record.u64(0))
        }
        let length = record.u32(32)
        guard length <= 32768, record.u64(16).fits(UInt64(length), within: UInt64(dictionaries.count)) else {
            throw .damaged(.context(index), field: "dict_size", value: UInt64(length))
        }
        guard record.u8(37) < 8 else {
            throw .damaged(.context(index), field: "ctx_bits", value: UInt64(record.u8(37)))
        }
        let start = dictionaries.lowerBound + Int(record.u64(16))
        return RandomAccessContext(
            remote: record.u64(0)..<record.u64(0) + UInt64(remoteSize), size: size,
            dictionary: start..<start + Int(length), byte: record.u8(36), bits: record.u8(37))
    }

    /// Lends the dictionary of a context.
    func withDictionary<Result>(_ context: RandomAccessContext, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        bytes[context.dictionary].withUnsafeBytes(body)
    }

    private func record(_ index: Int) throws(RafsError) -> Fields {
        guard index >= 0, index < count, let record = Fields(bytes, at: offset + index * Self.byteCount, count: 40)
        else {
            throw .damaged(.context(index), field: "index", value: UInt64(max(0, index)))
        }
        return record
    }
}
