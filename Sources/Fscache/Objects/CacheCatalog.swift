// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives

/// One object of a cache directory, as it lies there: whoever uses it, and whether anybody does.
package struct CachedObject: Sendable {
    /// The key of the volume.
    package let volume: String
    /// The name of the object's file.
    package let name: String
    /// The key of the cookie; nil when the name does not tell.
    package let key: String?
    /// The path of the object.
    package let path: String
    /// What its map says; nil when there is none that is sound.
    package let content: Content?

    /// What a map says of an object.
    package struct Content: Equatable, Sendable {
        /// Bytes of the blob, and those of them that can be read.
        package let size: UInt64
        package let present: UInt64
        /// Bytes that object and map take on disk.
        package let allocated: UInt64
        /// Tells the blob from others of its name; nil when unknown.
        package let validator: String?
        /// Whether somebody has it open; whether somebody keeps what is used from being taken out.
        package let isInUse: Bool
        package let isPinned: Bool
        /// Whether it is known to be the blob itself, byte by byte.
        package let isBlobItself: Bool
    }

    init(volume: String, path: String) {
        self.volume = volume
        self.path = path
        name = path.split(separator: "/").last.map(String.init) ?? ""
        key = CookieName.key(of: name).map { String(decoding: $0, as: UTF8.self) }
        content = StoredObject.open(path).map(Content.init)
    }

    /// Removes the object and its map.
    ///
    /// - Throws: `.inUse` when somebody has it open.
    package func remove() throws(CacheError) { try StoredObject.unlink(path) }
}

extension CachedObject.Content {
    init(_ object: StoredObject) {
        let map = object.map
        size = map.size
        present = min(size, UInt64(map.readable.population) * MapFile.granule)
        allocated = object.allocated + object.mapAllocated
        validator = MapFile.identity(at: StoredObject.mapPath(of: object.path))?.validator
        isInUse = object.isInUse
        isPinned = object.pinnedSince != nil
        isBlobItself = map.isBlobItself
    }
}

/// What lies in a cache directory.
package struct CacheCatalog: Sendable {
    /// The directory.
    package let directory: String

    /// Looks into an existing cache directory.
    ///
    /// - Throws: When there is no cache.
    package init(_ directory: String) throws(CacheError) {
        guard access(directory + "/cache", R_OK | X_OK) == 0 else {
            throw .system(call: "open", path: directory + "/cache", code: errno)
        }
        self.directory = directory
    }

    /// The keys of the volumes, sorted.
    package var volumes: [String] { CacheSurvey.volumes(in: directory) }

    /// The objects of a volume, sorted by name.
    package func objects(of volume: String) -> [CachedObject] {
        CacheSurvey.objects(of: volume, in: directory)
            .map { CachedObject(volume: volume, path: $0) }.sorted { $0.name < $1.name }
    }

    /// Bytes that everything in the directory takes on disk.
    package var takenBytes: UInt64 { CacheSurvey(directory).bytes }

    /// Removes a volume that has no objects any more; leaves it when it has.
    package func removeIfEmpty(_ volume: String) {
        let path = directory + "/cache/I" + volume
        for fanOut in CacheSurvey.names(in: path) { rmdir("\(path)/\(fanOut)") }
        rmdir(path)
    }
}
