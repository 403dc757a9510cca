// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Primitives

// The order of publishing: first the bytes, then (by policy) the disk, then the bit.
extension Cookie {
    /// Writes bytes that were fetched; nobody can read them before `publish`.
    ///
    /// - Throws: `.system` with ENOSPC or EDQUOT when the disk is full.
    public func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(CacheError) {
        var done = 0
        while done < bytes.count {
            let count = pwrite(file.raw, bytes.baseAddress.map { $0 + done }, bytes.count - done, Int(offset) + done)
            if count > 0 {
                done += count
            } else if errno != EINTR {
                throw .system(call: "pwrite", path: path, code: errno)
            }
        }
    }

    /// Writes fetched bytes and makes them readable, whoever takes granules out of the cache at the same time.
    ///
    /// - Throws: `.system` with ENOSPC or EDQUOT when the disk is full.
    public func store(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(CacheError) {
        let granules = wholeGranules(offset..<offset + UInt64(bytes.count))
        let generation = map.generation
        try write(bytes, at: offset)
        try syncIfEvery()
        try maintenance.withLock { (state) throws(CacheError) in
            try map.exclusively { () throws(CacheError) in
                if map.generation != generation {
                    // A removal may have punched what was just written; none can come now.
                    try write(bytes, at: offset)
                    try syncIfEvery()
                }
                mark(granules, &state)
            }
        }
        events.tell(event(.write, offset..<offset + UInt64(bytes.count)))
    }

    private func syncIfEvery() throws(CacheError) {
        if policy == .every, fdatasync(file.raw) != 0 { throw .system(call: "fdatasync", path: path, code: errno) }
    }

    private func mark(_ granules: Range<Int>, _ state: inout Maintenance) {
        if policy == .every { map.durable.insert(granules) } else { state.isDirty = true }
        map.readable.insert(granules)
    }

    /// Makes written bytes readable: those granules of `range` that lie wholly in it, or end with the blob.
    public func publish(_ range: Range<UInt64>) throws(CacheError) {
        let granules = wholeGranules(range)
        guard !granules.isEmpty else { return }
        try syncIfEvery()
        maintenance.withLock { state in mark(granules, &state) }
    }

    /// Forces published bytes to disk and notes that they are there.
    public func flush() {
        let isDirty = maintenance.withLock { state in
            defer { state.isDirty = false }
            return state.isDirty
        }
        guard isDirty else { return }
        let generation = map.generation
        let snapshot = BitmapCopy(of: map.readable)
        let isSynced = fdatasync(file.raw) == 0
        maintenance.withLock { state in
            // A granule that was taken back meanwhile may be there again, with bytes that this sync did not see.
            let isNoted = try? map.exclusively { () throws(CacheError) in
                guard isSynced, map.generation == generation else { return false }
                map.durable.formUnion(snapshot.bits)
                return true
            }
            if isNoted != true { state.isDirty = true }
        }
    }

    /// Takes bytes out of the cache: their granules read as missing at once, their blocks are given back.
    ///
    /// Readers that are in the midst of them notice, see ``MapFile/generation``.
    public func discard(_ range: Range<UInt64>) throws(CacheError) {
        let granules = wholeGranules(range)
        guard !granules.isEmpty else { return }
        try maintenance.withLock { (_) throws(CacheError) in
            try map.exclusively { () throws(CacheError) in
                map.readable.remove(granules)
                map.durable.remove(granules)
                map.countRemoval()
                // The bits must be off the disk before the bytes are: after a power cut a hole would read as zeroes.
                try map.sync()
                try punch(granules)
            }
        }
    }

    private func punch(_ granules: Range<Int>) throws(CacheError) {
        let mode = Int32(clinux_falloc_punch_hole | clinux_falloc_keep_size)
        let start = Int64(granules.lowerBound) * Int64(MapFile.granule)
        guard
            clinux_fallocate(file.raw, mode, start, Int64(granules.count) * Int64(MapFile.granule)) == 0
                // Where blocks cannot be given back, the bytes stay, and nobody can read them.
                || errno == EOPNOTSUPP
        else {
            throw .system(call: "fallocate", path: path, code: errno)
        }
    }

    private func wholeGranules(_ range: Range<UInt64>) -> Range<Int> {
        let range = range.clamped(to: 0..<size)
        let start = (range.lowerBound + MapFile.granule - 1) / MapFile.granule
        let end = range.upperBound == size ? UInt64(map.readable.count) : range.upperBound / MapFile.granule
        return start < end ? Int(start)..<Int(end) : 0..<0
    }
}

/// A private copy of a bitmap.
private final class BitmapCopy {
    private let memory: UnsafeMutableRawPointer
    let bits: PresenceBitmap

    init(of other: PresenceBitmap) {
        let count = PresenceBitmap.byteCount(for: other.count)
        memory = .allocate(byteCount: max(8, count), alignment: 8)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: count)
        bits = PresenceBitmap(memory, count: other.count)
        bits.assign(other)
    }

    deinit { memory.deallocate() }
}
