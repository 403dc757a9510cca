// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
package import Primitives

/// One blob in the cache: a sparse backing file, and the map that says which of its bytes are there.
///
/// Made by `Volume.cookie`. All of it may be used from any number of threads at once; a read that hits takes no lock.
/// Other processes may use the same object at the same time: they see each other's progress through the map.
public final class Cookie: Sendable {
    /// The name of the blob within its volume.
    public let key: String
    /// Bytes of the blob.
    public let size: UInt64
    /// The path of the backing file.
    public let path: String
    /// Granules that were in the map, but holes in the object, when it was opened; they were taken out of the map.
    public let distrustedGranules: Int
    /// Which granules are there.
    package let map: MapFile
    package let file: Descriptor
    /// Whether no read of the data file waits for a disk.
    private let neverWaits: Bool
    let policy: SyncPolicy
    /// Held while bits move between the maps, so that removal and publishing do not cross.
    let maintenance = Locked(Maintenance())
    /// Told when a thread has forced the object to disk.
    let flushed = Condition()
    /// What this process fetches; other processes see it through the map file's locks.
    let claims = Locked<[Range<Int>]>([])
    let budget: Budget
    /// Why nothing is ever stored; nil for a cookie that has an object in the cache.
    let refusal: CacheError?
    /// The volume, which keeps the cache and its threads alive.
    private let owner: Volume

    /// What happens in the cache.
    package let events: EventLog
    /// The object's number in this process, for those who watch.
    public let object: UInt32
    /// The inode number of the backing file.
    public let backingInode: UInt64
    /// What came for readers who have not read it yet; only while somebody watches.
    let filled = Locked<[Range<UInt64>]>([])

    struct Maintenance {
        /// Whether granules were published that are not on disk yet.
        var isDirty = false
        /// Whether a thread of this process forces them there.
        var isFlushing = false
    }

    init(
        key: String, size: UInt64, path: String, file: Descriptor, map: MapFile, policy: SyncPolicy, distrusted: Int,
        backingInode: UInt64, events: EventLog, budget: Budget, owner: Volume, refusal: CacheError? = nil
    ) {
        self.backingInode = backingInode
        self.events = events
        object = events.openObject(backingInode)
        self.key = key
        self.size = size
        self.path = path
        self.file = file
        neverWaits = file.isInMemory
        self.map = map
        self.policy = policy
        distrustedGranules = distrusted
        self.budget = budget
        self.refusal = refusal
        self.owner = owner
        hold()
    }

    deinit {
        flush()
        events.closeObject(backingInode, object)
    }

    /// Reads the present bytes at the start of a range.
    ///
    /// - Parameters:
    ///   - buffer: Takes the bytes.
    ///   - offset: Where the range starts; it must lie inside the blob.
    ///   - waiting: Whether the read may sleep in the disk; else `.wouldBlock` is thrown when it had to.
    ///   - inode: For which file the bytes are read; only for those who watch.
    /// - Returns: How many bytes were read, at least 1 unless `buffer` is empty.
    /// - Throws: `.missing` when the first byte is not there, naming the run of missing bytes.
    public func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64, waiting: Bool, inode: UInt64 = 0
    ) throws(CookieReadError) -> Int {
        let count = try peek(into: buffer, at: offset, waiting: waiting, inode: inode)
        if count > 0 { map.stamps.noteRead(offset, count: count, at: budget.ledger.clock) }
        return count
    }

    /// Reads as ``read(into:at:waiting:)`` does, but without making the bytes any more worth keeping.
    package func peek(
        into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64, waiting: Bool, inode: UInt64 = 0
    ) throws(CookieReadError) -> Int {
        guard offset < size, !buffer.isEmpty else { return 0 }
        let end = min(size, offset + UInt64(buffer.count))
        let began = events.isWatched ? MonotonicTime.now : nil
        while true {
            let generation = map.generation
            let present = presentEnd(from: offset, to: end)
            guard present > offset else { throw .missing(offset..<missingEnd(from: offset, to: end)) }
            let count = try pread(
                UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(present - offset)]), at: offset, waiting)
            // Bytes may have been taken back while they were read; then what was read is worth nothing.
            if map.generation == generation {
                if let began { tellRead(offset..<offset + UInt64(count), inode: inode, since: began) }
                return count
            }
        }
    }

    /// Whether the whole of a range is in the cache.
    public func isPresent(_ range: Range<UInt64>) -> Bool {
        let range = range.clamped(to: 0..<size)
        return range.isEmpty || presentEnd(from: range.lowerBound, to: range.upperBound) == range.upperBound
    }

    /// The missing runs of a range, in whole granules, clipped to the blob.
    public func missing(in range: Range<UInt64>) -> [Range<UInt64>] {
        runs(of: false, in: range)
    }

    /// The present runs of a range, in whole granules, clipped to the blob.
    public func present(in range: Range<UInt64>) -> [Range<UInt64>] {
        runs(of: true, in: range)
    }

    /// Bytes of the blob that are in the cache.
    public var presentBytes: UInt64 { min(size, UInt64(map.readable.population) * MapFile.granule) }

    private func runs(of value: Bool, in range: Range<UInt64>) -> [Range<UInt64>] {
        let range = range.clamped(to: 0..<size)
        guard !range.isEmpty else { return [] }
        var result: [Range<UInt64>] = []
        let last = Int((range.upperBound - 1) / MapFile.granule) + 1
        map.readable.forEachRun(of: value, in: Int(range.lowerBound / MapFile.granule)..<last) { run in
            result.append(
                UInt64(run.lowerBound) * MapFile.granule..<min(size, UInt64(run.upperBound) * MapFile.granule))
        }
        return result
    }

    @inline(__always) private func presentEnd(from offset: UInt64, to end: UInt64) -> UInt64 {
        let last = Int((end - 1) / MapFile.granule) + 1
        let hole = map.readable.first(false, from: Int(offset / MapFile.granule), below: last)
        return min(end, UInt64(hole) * MapFile.granule)
    }

    private func missingEnd(from offset: UInt64, to end: UInt64) -> UInt64 {
        let last = Int((end - 1) / MapFile.granule) + 1
        let data = map.readable.first(true, from: Int(offset / MapFile.granule), below: last)
        return max(offset + 1, min(end, UInt64(data) * MapFile.granule))
    }

    @inline(__always)
    private func pread(
        _ buffer: UnsafeMutableRawBufferPointer, at offset: UInt64, _ waiting: Bool
    ) throws(CookieReadError) -> Int {
        while true {
            var vector = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
            let flags = waiting || neverWaits ? 0 : clinux_rwf_nowait
            let count = clinux_preadv2(file.raw, &vector, 1, Int64(offset), flags)
            if count > 0 { return count }
            // A backing file that ends early was cut by somebody: what the map says of it is not true any more.
            if count == 0 { throw .system(code: EIO) }
            if errno == EAGAIN || (errno == EOPNOTSUPP && !waiting) { throw .wouldBlock }
            if errno != EINTR { throw .system(code: errno) }
        }
    }
}

/// When fetched bytes are forced to disk.
public enum SyncPolicy: String, CaseIterable, Sendable {
    /// When the object is closed.
    case none
    /// Together with others, at most half a second after they came.
    case batched
    /// Before anybody may read them.
    case every
}
