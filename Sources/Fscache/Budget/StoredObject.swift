// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Primitives

/// An object and its map as they lie in a cache directory, opened by path: by whoever trims, lists or checks them, beside
/// the processes that use them.
final class StoredObject: Sendable {
    /// The object's path.
    let path: String
    let file: Descriptor
    let map: MapFile
    /// The tick from which on what is used is pinned; nil when nobody pins.
    let pinnedSince: UInt32?

    private init(path: String, file: Descriptor, map: MapFile, pinnedSince: UInt32?) {
        self.path = path
        self.file = file
        self.map = map
        self.pinnedSince = pinnedSince
    }

    /// Opens the object at `path`; nil when it or its map is not there, or no sound one.
    static func open(_ path: String) -> StoredObject? {
        guard let guardian = try? LockedDirectory(StoredObject.directory(of: path)) else { return nil }
        return withExtendedLifetime(guardian) { opened(path) }
    }

    /// The event that granules were taken out for a limit.
    func culled(_ granules: Range<Int>, _ events: EventLog) -> CacheEvent {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        let key = CookieName.key(of: name).map { String(decoding: $0, as: UTF8.self) }
        var event = CacheEvent(.cull, time: MonotonicTime.now.nanoseconds, cookie: key ?? name)
        var status = stat()
        if fstat(file.raw, &status) == 0 { event.backingInode = UInt64(status.st_ino) }
        event.object = events.object(event.backingInode)
        event.start = UInt64(granules.lowerBound) * MapFile.granule
        event.length = min(map.size, UInt64(granules.upperBound) * MapFile.granule) - event.start
        return event
    }

    /// Bytes that the object takes on disk.
    var allocated: UInt64 { StoredObject.allocated(file) }

    /// Bytes that its map takes.
    var mapAllocated: UInt64 { StoredObject.allocated(map.descriptor) }

    private static func allocated(_ file: Descriptor) -> UInt64 {
        var status = stat()
        return fstat(file.raw, &status) == 0 ? UInt64(max(0, status.st_blocks)) * 512 : 0
    }

    /// Whether somebody has the object open to use it.
    var isInUse: Bool {
        guard map.take(.use) else { return true }
        map.drop(.use)
        return false
    }

    /// Takes runs of granules out; see ``Removal``.
    ///
    /// - Returns: How many bytes that has freed on disk.
    func remove(_ runs: [Range<Int>]) throws(CacheError) -> UInt64 {
        let before = allocated
        try map.exclusively { () throws(CacheError) in try Removal(of: file, map, path).remove(runs) }
        let after = allocated
        return before > after ? before - after : 0
    }

    /// Gives blocks back that nobody can read: a process that was killed while it filled or trimmed leaves such.
    ///
    /// Not while somebody fetches: those blocks are about to be published.
    ///
    /// - Returns: How many bytes that has freed.
    func reclaimIdle() -> UInt64 {
        let before = allocated
        let present = UInt64(map.readable.population) * MapFile.granule
        // The file system's own blocks count too.
        guard before > present + max(256 << 10, present / 64) else { return 0 }
        let all = 0..<map.readable.count
        guard map.tryLock(all) else { return 0 }
        defer { map.unlock(all) }
        map.exclusively { try? Removal(of: file, map, path).punchMissing(in: all) }
        let after = allocated
        return before > after ? before - after : 0
    }

    /// Removes an object and its map, whether they are sound or not.
    ///
    /// - Throws: `.inUse` when somebody has it open.
    static func unlink(_ path: String) throws(CacheError) {
        let guardian = try LockedDirectory(directory(of: path))
        // Held while the names go: whoever opens an object waits for the directory.
        let known = opened(path)
        if let known, known.isInUse { throw .inUse(path) }
        try unlinkNames(path)
        withExtendedLifetime(guardian) {}
    }

    /// Takes away the names of an object and its map, the map's first: without it the object tells nothing.
    ///
    /// To be called with the fan-out directory locked.
    static func unlinkNames(_ path: String) throws(CacheError) {
        for path in [mapPath(of: path), path] where Glibc.unlink(path) != 0 && errno != ENOENT {
            throw .system(call: "unlink", path: path, code: errno)
        }
    }

    /// The path of an object's map.
    static func mapPath(of path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        return path.dropLast(name.utf8.count) + "M" + name
    }

    private static func opened(_ path: String) -> StoredObject? {
        guard let map = MapFile.existing(mapPath(of: path)), let file = try? Descriptor.open(path, O_RDWR) else {
            return nil
        }
        let isPinned = !map.take(.pin)
        if !isPinned { map.drop(.pin) }
        return StoredObject(path: path, file: file, map: map, pinnedSince: isPinned ? map.pinnedSince : nil)
    }

    private static func directory(of path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        return String(path.dropLast(name.utf8.count + 1))
    }
}

/// Shuts other openers out of a fan-out directory, so that object and map are of one generation; until it goes.
final class LockedDirectory {
    private let descriptor: Descriptor

    init(_ path: String) throws(CacheError) {
        do { descriptor = try Descriptor.open(path, O_RDONLY | O_DIRECTORY) } catch { throw CacheError(error) }
        while flock(descriptor.raw, LOCK_EX) != 0, errno == EINTR {}
    }

    deinit { flock(descriptor.raw, LOCK_UN) }
}
