// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Primitives

/// Whose turn it is to force an object to disk.
private enum FlushTurn {
    /// All of it is there.
    case nobodys
    case ours, anotherThreads, anotherProcess
}

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
    /// Where the cache has a limit, makes room first by taking out what was not used for longest.
    ///
    /// - Throws: `.system` with ENOSPC or EDQUOT when the disk is full, `.noRoom` when the limit does not allow more. Then
    ///   the cache takes no more of the disk than before. Of a cookie without an object: why it has none.
    public func store(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(CacheError) {
        if let refusal { throw refusal }
        let granules = wholeGranules(offset..<offset + UInt64(bytes.count))
        let room = UInt64(granules.count) * MapFile.granule
        try budget.reserve(room)
        defer { budget.release(room) }
        do throws(CacheError) {
            try storeReserved(bytes, at: offset, granules)
        } catch {
            giveBack(offset..<offset + UInt64(bytes.count))
            throw error
        }
    }

    private func storeReserved(
        _ bytes: UnsafeRawBufferPointer, at offset: UInt64, _ granules: Range<Int>
    ) throws(CacheError) {
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
                try mark(granules, &state)
            }
        }
        events.tell(event(.write, offset..<offset + UInt64(bytes.count)))
    }

    /// Frees the blocks of bytes that were written in vain.
    private func giveBack(_ range: Range<UInt64>) {
        let granules = touchedGranules(range)
        maintenance.withLock { _ in
            // Whoever writes here at the same time finds the removal, and writes again.
            map.exclusively { try? Removal(of: file, map, path).punchMissing(in: granules) }
        }
    }

    private func syncIfEvery() throws(CacheError) {
        if policy == .every, fdatasync(file.raw) != 0 { throw .system(call: "fdatasync", path: path, code: errno) }
    }

    private func mark(_ granules: Range<Int>, _ state: inout Maintenance) throws(CacheError) {
        let new = UInt64(granules.count - map.readable.population(in: granules)) * MapFile.granule
        if policy == .every {
            map.durable.insert(granules)
            try map.sync()
        } else {
            state.isDirty = true
        }
        map.stamps.noteFill(granules, at: budget.ledger.clock)
        map.readable.insert(granules)
        budget.noteFill(new: new, stored: UInt64(granules.count) * MapFile.granule)
    }

    /// Makes written bytes readable: those granules of `range` that lie wholly in it, or end with the blob.
    public func publish(_ range: Range<UInt64>) throws(CacheError) {
        let granules = wholeGranules(range)
        guard !granules.isEmpty else { return }
        try syncIfEvery()
        try maintenance.withLock { (state) throws(CacheError) in try mark(granules, &state) }
    }

    /// Forces published bytes to disk and notes that they are there, unless somebody else is at it already.
    ///
    /// What is to become durable stands in a bitmap of its own, out of which removals take their granules: one that was taken
    /// out meanwhile may be there again, with bytes that this flush did not see. One process flushes at a time.
    public func flush() { _ = flushInTurn() }

    /// Flushes, and waits for whoever is at it already: what was published before is on disk afterwards, if the disk takes it.
    ///
    /// - Parameter deadline: When to stop waiting for other processes.
    func flush(until deadline: MonotonicTime) {
        while true {
            switch flushInTurn() {
            case .nobodys, .ours: return
            case .anotherThreads:
                maintenance.withLock(waitingOn: flushed) { state, waiter in
                    while state.isFlushing { waiter.wait(for: &state) }
                }
            case .anotherProcess:
                guard MonotonicTime.now < deadline else { return }
                // Nothing tells when a lock of the map file is free.
                usleep(2_000)
            }
        }
    }

    /// As ``flush()``; tells whose turn it was.
    private func flushInTurn() -> FlushTurn {
        let turn: FlushTurn = maintenance.withLock { state in
            // Threads of one process share the lock, so it does not keep them apart.
            if state.isFlushing { return .anotherThreads }
            guard state.isDirty else { return .nobodys }
            guard map.take(.flush) else { return .anotherProcess }
            map.exclusively { map.flushing.assign(map.readable) }
            state.isDirty = false
            state.isFlushing = true
            return .ours
        }
        guard turn == .ours else { return turn }
        let isSynced = fdatasync(file.raw) == 0
        if isSynced { maintenance.withLock { _ in map.exclusively { map.durable.formUnion(map.flushing) } } }
        // Left to the kernel, the bits would come to disk half a minute after the bytes.
        let isNoted = isSynced && (try? map.sync()) != nil
        maintenance.withLock { state in
            if !isNoted { state.isDirty = true }
            state.isFlushing = false
            map.drop(.flush)
        }
        flushed.broadcast()
        return .ours
    }

    /// Takes bytes out of the cache: their granules read as missing at once, their blocks are given back.
    ///
    /// Readers that are in the midst of them notice, see ``MapFile/generation``.
    public func discard(_ range: Range<UInt64>) throws(CacheError) {
        let granules = wholeGranules(range)
        guard !granules.isEmpty else { return }
        try maintenance.withLock { (_) throws(CacheError) in
            try map.exclusively { () throws(CacheError) in
                let freed = UInt64(map.readable.population(in: granules)) * MapFile.granule
                try Removal(of: file, map, path).remove([granules])
                budget.noteRemoval(freed)
            }
        }
    }

    private func wholeGranules(_ range: Range<UInt64>) -> Range<Int> {
        let range = range.clamped(to: 0..<size)
        let start = (range.lowerBound + MapFile.granule - 1) / MapFile.granule
        let end = range.upperBound == size ? UInt64(map.readable.count) : range.upperBound / MapFile.granule
        return start < end ? Int(start)..<Int(end) : 0..<0
    }
}
