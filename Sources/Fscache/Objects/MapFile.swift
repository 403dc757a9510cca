// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Primitives
import Synchronization

/// The file beside an object that says which of its granules are present: the truth, the object's holes being only a
/// cross-check.
///
/// Two bitmaps follow a header of one page: *readable* (the bytes are in the object, at least in the page cache) and
/// *durable* (they are on disk). Processes share them through the mapping. After the machine has started anew, only
/// durable granules count, whatever the other map says. All integers are little-endian.
///
///     0  8  magic "SEFMAP02"        24  8  generation: counts removals
///     8  8  bytes of the cookie     32 16  boot id of the readable map
///    16  4  bytes of a granule      48  2  bytes of the validator
///                                   50     validator
///   1080 18  the object's attribute, where  1104  8  generation in which the object was found right, plus 1
///            the file system keeps none
package final class MapFile: @unchecked Sendable {
    // Safe to share: all that changes in the mapping is atomic, or changed under the file's lock.
    private let descriptor: Descriptor
    private let memory: UnsafeMutableRawPointer
    private let length: Int
    private let guardSlot: Int32
    /// Which granules can be read now.
    package let readable: PresenceBitmap
    /// Which granules are on disk.
    package let durable: PresenceBitmap

    /// Bytes of a granule.
    package static let granule: UInt64 = 4096
    static let headerSize = 4096
    static let longestValidator = 1024
    private static let magic: UInt64 = 0x3230_5041_4D46_4553

    /// Opens the map at `path` for a cookie of `size` bytes, or makes one with nothing present.
    ///
    /// - Throws: `.stale` when the map is another blob's: another size or validator.
    package init(path: String, key: String, size: UInt64, validator: String?) throws(CacheError) {
        let count = Int(clamping: (size + MapFile.granule - 1) / MapFile.granule)
        let bitmap = PresenceBitmap.byteCount(for: count)
        length = MapFile.headerSize + 2 * bitmap
        let identity = Array((validator ?? "").utf8.prefix(MapFile.longestValidator))
        do {
            descriptor = try Descriptor.open(path, O_RDWR | O_CREAT)
            memory = try MapFile.map(descriptor, path: path, length: length)
        } catch {
            throw CacheError(error)
        }
        guardSlot = clinux_guard_mapping(memory, length)
        readable = PresenceBitmap(memory + MapFile.headerSize, count: count)
        durable = PresenceBitmap(memory + MapFile.headerSize + bitmap, count: count)
        // No other process may look at a half-made header, or restart the map at the same time.
        flock(descriptor.raw, LOCK_EX)
        defer { flock(descriptor.raw, LOCK_UN) }
        if memory.load(as: UInt64.self) != MapFile.magic {
            clear()
            makeHeader(size: size, identity)
        }
        guard isOf(size: size, validator: validator) else {
            release()
            throw .stale(key)
        }
        learn(identity)
        restartIfNeeded()
    }

    deinit { release() }

    /// Counts removals of granules; a read that finds it unchanged has read what was present all the while.
    @inline(__always) package var generation: UInt64 { generationWord.pointee.load(ordering: .acquiring) }

    /// Says that granules are about to lose their bytes; their bits must be cleared before.
    package func countRemoval() { generationWord.pointee.wrappingAdd(1, ordering: .sequentiallyConsistent) }

    /// Runs `body` while no other process publishes or removes granules of this object.
    ///
    /// The lock belongs to the open file: threads of this process exclude each other by ``Cookie/maintenance``.
    package func exclusively<Result>(_ body: () throws(CacheError) -> Result) throws(CacheError) -> Result {
        while flock(descriptor.raw, LOCK_EX) != 0, errno == EINTR {}
        defer { flock(descriptor.raw, LOCK_UN) }
        return try body()
    }

    /// The object's attribute, where its file system keeps none; nil when none was noted.
    var attribute: [UInt8]? {
        get {
            let value = Array(UnsafeRawBufferPointer(start: memory + 1080, count: 18))
            return value.allSatisfy { $0 == 0 } ? nil : value
        }
        set { if let newValue { (memory + 1080).copyMemory(from: newValue, byteCount: min(18, newValue.count)) } }
    }

    /// The generation in which the whole object was found right, plus 1; 0 when it never was.
    var verifiedGeneration: UInt64 {
        get { verifiedWord.pointee.load(ordering: .acquiring) }
        set { verifiedWord.pointee.store(newValue, ordering: .releasing) }
    }

    private var verifiedWord: UnsafeMutablePointer<Atomic<UInt64>> {
        (memory + 1104).assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    /// Forces the map to disk.
    package func sync() throws(CacheError) {
        guard msync(memory, length, Int32(MS_SYNC)) == 0 else {
            throw .system(call: "msync", path: "map file", code: errno)
        }
    }

    /// Makes everything missing.
    package func forgetAll() {
        readable.remove(0..<readable.count)
        durable.remove(0..<durable.count)
        countRemoval()
    }

    /// What the map at `path` says of its blob; nil when there is no sound map.
    package static func identity(at path: String) -> (size: UInt64, validator: String?)? {
        guard let file = try? Descriptor.open(path, O_RDONLY) else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: headerSize, alignment: 8) { header in
            guard Glibc.read(file.raw, header.baseAddress, headerSize) == headerSize,
                header.load(as: UInt64.self) == magic
            else { return nil }
            let count = Int(header.load(fromByteOffset: 48, as: UInt16.self))
            guard count <= longestValidator else { return nil }
            let validator = String(decoding: header[50..<50 + count], as: UTF8.self)
            return (header.load(fromByteOffset: 8, as: UInt64.self), validator.isEmpty ? nil : validator)
        }
    }

    /// Takes a lock on granules that other processes see; it ends with the process at the latest.
    ///
    /// Where the file system knows no locks, it is as if nobody else was there.
    ///
    /// - Returns: False when another process holds part of the range.
    package func tryLock(_ granules: Range<Int>) -> Bool {
        lock(Int32(F_WRLCK), granules) || (errno != EAGAIN && errno != EACCES)
    }

    /// Gives the lock up.
    package func unlock(_ granules: Range<Int>) { _ = lock(Int32(F_UNLCK), granules) }

    private func lock(_ type: Int32, _ granules: Range<Int>) -> Bool {
        clinux_ofd_lock(descriptor.raw, type, Int64(1 << 40 + granules.lowerBound), Int64(granules.count)) == 0
    }

    private var generationWord: UnsafeMutablePointer<Atomic<UInt64>> {
        (memory + 24).assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    private func release() {
        clinux_unguard_mapping(guardSlot)
        munmap(memory, length)
    }
}

extension MapFile {
    private static func map(
        _ descriptor: Descriptor, path: String, length: Int
    ) throws(SystemError) -> UnsafeMutableRawPointer {
        // Room for the whole map is taken now: a full disk found later, by writing to the mapping, would be a SIGBUS.
        if try descriptor.size() < UInt64(length), clinux_fallocate(descriptor.raw, 0, 0, Int64(length)) != 0 {
            guard errno == EOPNOTSUPP, ftruncate(descriptor.raw, length) == 0 else {
                throw SystemError("fallocate", on: path)
            }
        }
        let address = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor.raw, 0)
        guard let address, address != MAP_FAILED else { throw SystemError("mmap", on: path) }
        return address
    }

    /// Forgets whatever the file has: it may be a map of another kind, or what a damaged disk left of one.
    private func clear() {
        let mode = Int32(clinux_falloc_punch_hole | clinux_falloc_keep_size)
        guard clinux_fallocate(descriptor.raw, mode, 0, Int64(length)) != 0 else { return }
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: length)
    }

    private func makeHeader(size: UInt64, _ identity: [UInt8]) {
        memory.storeBytes(of: size, toByteOffset: 8, as: UInt64.self)
        memory.storeBytes(of: UInt32(MapFile.granule), toByteOffset: 16, as: UInt32.self)
        memory.storeBytes(of: UInt16(identity.count), toByteOffset: 48, as: UInt16.self)
        (memory + 50).copyMemory(from: identity, byteCount: identity.count)
        memory.storeBytes(of: MapFile.magic, as: UInt64.self)
    }

    /// Whether the map is that of a blob of `size` bytes with this validator.
    ///
    /// A blob whose identity nobody knows, as when offline, is taken to be the one that was cached.
    func isOf(size: UInt64, validator: String?) -> Bool {
        let identity = Array((validator ?? "").utf8.prefix(MapFile.longestValidator))
        let stored = Int(memory.load(fromByteOffset: 48, as: UInt16.self))
        guard memory.load(fromByteOffset: 8, as: UInt64.self) == size,
            memory.load(fromByteOffset: 16, as: UInt32.self) == UInt32(MapFile.granule),
            stored <= MapFile.longestValidator
        else { return false }
        return identity.isEmpty || stored == 0
            || UnsafeRawBufferPointer(start: memory + 50, count: stored).elementsEqual(identity)
    }

    /// Remembers a validator that nobody knew when the map was made.
    private func learn(_ identity: [UInt8]) {
        guard memory.load(fromByteOffset: 48, as: UInt16.self) == 0, !identity.isEmpty else { return }
        (memory + 50).copyMemory(from: identity, byteCount: identity.count)
        memory.storeBytes(of: UInt16(identity.count), toByteOffset: 48, as: UInt16.self)
    }

    /// Forgets what was not on disk when the machine stopped.
    private func restartIfNeeded() {
        let boot = BootID.current
        let stored = UnsafeMutableRawBufferPointer(start: memory + 32, count: 16)
        guard !stored.elementsEqual(boot) else { return }
        readable.assign(durable)
        stored.copyBytes(from: boot)
    }
}

/// The number that Linux gives itself at each start.
enum BootID {
    /// The 16 bytes of the present start; zeroes when the kernel does not tell.
    static let current: [UInt8] = {
        guard let file = try? Descriptor.open("/proc/sys/kernel/random/boot_id", O_RDONLY) else {
            return [UInt8](repeating: 0, count: 16)
        }
        var text = [UInt8](repeating: 0, count: 64)
        let count = max(0, Glibc.read(file.raw, &text, text.count))
        let digits = text[..<count].compactMap { Character(UnicodeScalar($0)).hexDigitValue }.map(UInt8.init)
        guard digits.count == 32 else { return [UInt8](repeating: 0, count: 16) }
        return (0..<16).map { digits[2 * $0] << 4 | digits[2 * $0 + 1] }
    }()
}
