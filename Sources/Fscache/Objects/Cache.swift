// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Primitives

/// One cache directory, with the tree that the kernel's cachefiles makes: `cache/I<volume>/@xx/<object>`.
///
/// Several processes and mounts may use one directory at once. Volumes and cookies of one process are shared: asking
/// twice for one gives the same.
public final class Cache: Sendable {
    /// The directory.
    public let directory: String
    /// What the directory's file system can do.
    public let traits: FileSystemTraits
    /// What happens in this cache.
    public let events = EventLog()
    let policy: SyncPolicy
    private let volumes = Locked<[String: Weak<Volume>]>([:])
    let flusher: Flusher
    let budget: Budget

    /// Opens a cache directory, making it (mode 0700) when it is not there.
    ///
    /// - Parameters:
    ///   - limits: What the directory may take of the disk. Cold bytes are taken out in the background; a cookie whose
    ///     bytes are gone says so, as of any others that are missing.
    ///   - pins: Whether what is read and stored through this cache stays as long as its cookies are open, whichever
    ///     process trims.
    public init(
        directory: String, policy: SyncPolicy = .batched, limits: CacheLimits = CacheLimits(), pins: Bool = false
    ) throws(CacheError) {
        self.directory = directory
        self.policy = policy
        flusher = Flusher()
        try makeDirectoryUnlessFull(directory + "/cache")
        traits = FileSystemTraits(of: directory)
        budget = Budget(directory: directory, traits: traits, limits: limits, pins: pins, events: events)
        budget.start()
    }

    deinit {
        flusher.stop()
        budget.stop()
    }

    /// Forces what was published through this cache's cookies to disk, as each does when it goes.
    ///
    /// For a process that ends: threads of it that still run keep cookies from going. Waits for the disk, and up to three
    /// seconds for other processes that force the same objects there.
    public func flush() {
        let deadline = MonotonicTime.now.advanced(milliseconds: 3_000)
        let open = volumes.withLock { $0.values.compactMap(\.object) }
        for cookie in open.flatMap(\.openCookies) { cookie.flush(until: deadline) }
    }

    /// Takes out what was not used for longest, until the directory takes at most so many bytes, as far as that can be done.
    ///
    /// - Returns: Bytes that the directory took before, and takes now.
    package func prune(to bytes: UInt64) -> (before: UInt64, after: UInt64) {
        let outcome = budget.prune(to: bytes)
        return ((outcome?.left ?? 0) + (outcome?.freed ?? 0), outcome?.left ?? 0)
    }

    /// Bytes that the directory takes on disk, as far as is known without looking at all of it.
    public var takenBytes: UInt64 { budget.ledger.bytes }

    /// What the cache takes of its disk, what it may take, and what was taken out for that; looks at all of the directory.
    public var occupancy: CacheOccupancy {
        let disk = DiskSpace(of: directory)
        return CacheOccupancy(
            limits: budget.limits, takenBytes: CacheSurvey(directory).bytes, culledBytes: budget.culledBytes,
            blocks: disk.map { CacheOccupancy.Share(free: $0.freeBytes, of: $0.bytes) },
            files: disk.flatMap { $0.files == 0 ? nil : CacheOccupancy.Share(free: $0.freeFiles, of: $0.files) })
    }

    /// The volume with this key, such as `erofs,<domain or fsid>`.
    public func volume(_ key: String) throws(CacheError) -> Volume {
        guard !key.isEmpty, key.utf8.count <= 254, !key.utf8.contains(UInt8(ascii: "/")),
            key.utf8.allSatisfy({ $0 > 32 && $0 != 127 })
        else { throw .badKey(key, reason: "a volume key has 1 to 254 printable bytes without '/'") }
        let path = directory + "/cache/I" + key
        try makeDirectoryUnlessFull(path)
        // Only decoration for tools that look: file systems without user attributes do as well.
        _ = clinux_setxattr(path, CoherencyAttribute.name, CoherencyAttribute.volume, 4, 0)
        return volumes.withLock { volumes in
            if let known = volumes[key]?.object { return known }
            let volume = Volume(key: key, path: path, cache: self)
            volumes[key] = Weak(volume)
            return volume
        }
    }
}

/// Makes a directory and those above it.
func makeDirectory(_ path: String) throws(CacheError) {
    if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
        throw .system(call: "mkdir", path: path, code: errno)
    }
    try makeDirectory(String(path[..<slash]))
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .system(call: "mkdir", path: path, code: errno) }
}

/// The same, but on a full disk: then it is made by whoever has room for something in it.
private func makeDirectoryUnlessFull(_ path: String) throws(CacheError) {
    do throws(CacheError) { try makeDirectory(path) } catch { if !error.isFullDisk { throw error } }
}

/// A reference that does not keep its object alive.
struct Weak<Object: AnyObject & Sendable>: Sendable {
    weak let object: Object?

    init(_ object: Object) { self.object = object }
}
