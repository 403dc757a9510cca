// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
package import Primitives

/// A name space of cookies: the blobs of one image, or of all images of a domain.
public final class Volume: Sendable {
    /// The volume's key.
    public let key: String
    /// The volume's directory.
    public let path: String
    /// The directory of the volume's cache.
    public var cacheDirectory: String { cache.directory }
    /// What the volume's cache takes, and may take; looks at all of its directory.
    public var occupancy: CacheOccupancy { cache.occupancy }
    /// What happens in the volume's cache.
    public var events: EventLog { cache.events }
    /// The volume's cache; kept alive, because its threads work for the cookies.
    public let cache: Cache
    private let hash: UInt32
    private let cookies = Locked<[String: Weak<Cookie>]>([:])

    init(key: String, path: String, cache: Cache) {
        self.key = key
        self.path = path
        self.cache = cache
        hash = KeyHash.volume(Array(key.utf8))
    }

    /// The cookie for a blob of `size` bytes, with what of it is in the cache already.
    ///
    /// - Parameters:
    ///   - key: The blob's name: 1 to 252 bytes, any of them.
    ///   - validator: Tells this blob from others of that name and size; nil when unknown, as offline.
    ///   - replacingStale: What to do when the cached object is another blob's: begin anew, or throw `.stale`.
    public func cookie(
        _ key: String, size: UInt64, validator: String? = nil, replacingStale: Bool = true
    ) throws(CacheError) -> Cookie {
        try cookie(key, size: size, validator: validator, replacingStale: replacingStale, askedAt: .now)
    }

    /// The same; `askedAt` is when somebody began to ask for the size.
    package func cookie(
        _ key: String, size: UInt64, validator: String?, replacingStale: Bool = true, askedAt: MonotonicTime
    ) throws(CacheError) -> Cookie {
        let bytes = Array(key.utf8)
        guard !bytes.isEmpty, bytes.count <= CookieName.longestKey else {
            throw .badKey(key, reason: "a cookie key has 1 to \(CookieName.longestKey) bytes")
        }
        guard size <= UInt64(Int64.max) - MapFile.granule else {
            throw .badKey(key, reason: "its size of \(size) bytes is too large")
        }
        return try cookies.withLock { (cookies) throws(CacheError) in
            if let known = cookies[key]?.object, known.map.isOf(size: size, validator: validator) { return known }
            // Object and map must be of one generation, whichever process replaces them at this moment.
            try makeDirectory(paths(bytes).directory)
            let guardian = try LockedDirectory(paths(bytes).directory)
            defer { withExtendedLifetime(guardian) {} }
            let cookie: Cookie
            var judgement = "OK"
            do throws(CacheError) {
                cookie = try open(key, bytes, size, validator)
            } catch {
                guard case .stale = error, replacingStale else { throw error }
                judgement = rememberedIdentity(of: key)?.size == size ? "BAD vers" : "BAD osiz"
                try StoredObject.unlinkNames(paths(bytes).object)
                cookie = try open(key, bytes, size, validator)
            }
            cookie.tellOpened(askedAt: askedAt, judgement)
            cookies[key] = Weak(cookie)
            cache.flusher.watch(cookie)
            return cookie
        }
    }

    /// A cookie for which there is no object: nothing is present, and nothing is stored.
    ///
    /// For a blob that is read while the cache has no room even for a map. Nobody else sees it: whoever asks for the key
    /// later, when there is room, gets a cookie of the usual kind.
    ///
    /// - Parameter refusal: Why there is no object; what each attempt to store something throws.
    package func cookieWithoutObject(
        _ key: String, size: UInt64, validator: String?, askedAt: MonotonicTime = .now, because refusal: CacheError
    ) throws(CacheError) -> Cookie {
        let map = try MapFile(inMemory: key, size: size, validator: validator)
        let file: Descriptor
        do { file = try Descriptor.inMemory(map.readable.count * Int(MapFile.granule)) } catch {
            throw CacheError(error)
        }
        let cookie = Cookie(
            key: key, size: size, path: paths(Array(key.utf8)).object, file: file, map: map, policy: .none,
            distrusted: 0, backingInode: 0, events: events, budget: cache.budget, owner: self, refusal: refusal)
        cookie.tellOpened(askedAt: askedAt, "NO SPACE")
        return cookie
    }

    /// The cookies that somebody has at present.
    var openCookies: [Cookie] { cookies.withLock { $0.values.compactMap(\.object) } }

    /// The size that the cache remembers of a blob; nil when it has no object for it.
    ///
    /// So an image can be mounted while nobody can be asked for the sizes of its blobs.
    public func rememberedIdentity(of key: String) -> (size: UInt64, validator: String?)? {
        MapFile.identity(at: paths(Array(key.utf8)).map)
    }

    private func paths(_ key: [UInt8]) -> (directory: String, object: String, map: String) {
        let directory = path + "/" + KeyHash.directory(KeyHash.cookie(key, volume: hash))
        let object = directory + "/" + CookieName.name(for: key)
        return (directory, object, StoredObject.mapPath(of: object))
    }

    private func open(
        _ key: String, _ bytes: [UInt8], _ size: UInt64, _ validator: String?
    ) throws(CacheError) -> Cookie {
        let (_, object, mapPath) = paths(bytes)
        let file: Descriptor
        do { file = try Descriptor.open(object, O_RDWR | O_CREAT) } catch { throw CacheError(error) }
        let map = try MapFile(path: mapPath, key: key, size: size, validator: validator)
        let length = Int64((size + MapFile.granule - 1) / MapFile.granule * MapFile.granule)
        var status = stat()
        guard fstat(file.raw, &status) == 0 else { throw .system(call: "fstat", path: object, code: errno) }
        if status.st_size != length {
            // Somebody cut or replaced the object: the map tells nothing about these bytes.
            map.forgetAll()
            guard ftruncate(file.raw, Int(length)) == 0 else {
                throw .system(call: "ftruncate", path: object, code: errno)
            }
        }
        let attribute = CoherencyAttribute(size: size).value
        if let kept = keptAttribute(of: file, map), kept != attribute { map.forgetAll() }
        if cache.traits.keepsAttributes {
            _ = clinux_fsetxattr(file.raw, CoherencyAttribute.name, attribute, attribute.count, 0)
        } else {
            map.attribute = attribute
        }
        let distrusted = cache.traits.tellsHoles ? try HoleCheck.distrustHoles(of: file, map) : 0
        return Cookie(
            key: key, size: size, path: object, file: file, map: map, policy: cache.policy, distrusted: distrusted,
            backingInode: UInt64(status.st_ino), events: events, budget: cache.budget, owner: self)
    }

    /// The attribute of an object; nil when it has none, as a copied one may.
    private func keptAttribute(of file: Descriptor, _ map: MapFile) -> [UInt8]? {
        guard cache.traits.keepsAttributes else { return map.attribute }
        var value = [UInt8](repeating: 0, count: 64)
        let count = clinux_fgetxattr(file.raw, CoherencyAttribute.name, &value, value.count)
        return count > 0 ? Array(value[..<count]) : nil
    }
}
