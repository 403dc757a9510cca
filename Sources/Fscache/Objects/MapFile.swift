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
/// durable granules count, whatever the other map says. From the next page on there is what may be lost: a third bitmap
/// (*flushing*, see ``Cookie/flush()``), and the access stamps. All integers are little-endian.
///
///     0  8  magic "SEFMAP02"        24  8  generation: counts removals
///     8  8  bytes of the cookie     32 16  boot id of the readable map
///    16  4  bytes of a granule      48  2  bytes of the validator
///                                   50     validator
///   1080 18  the object's attribute, where  1104  8  generation in which the object was found right, plus 1
///            the file system keeps none     1112  4  tick from which on what is used is pinned
///   1116  1  1: the object is the blob itself, byte by byte
package final class MapFile: @unchecked Sendable {
    // Safe to share: all that changes in the mapping is atomic, or changed under the file's lock.
    let descriptor: Descriptor
    private let memory: UnsafeMutableRawPointer
    private let length: Int
    /// Bytes of header and bitmaps, which must come to disk in order.
    private let essential: Int
    private let guardSlot: Int32
    /// Which granules can be read now.
    package let readable: PresenceBitmap
    /// Which granules are on disk.
    package let durable: PresenceBitmap
    /// Which granules a flush that is under way will make durable.
    let flushing: PresenceBitmap
    /// When each unit was last used.
    package let stamps: AccessStamps

    /// Bytes of a granule.
    package static let granule: UInt64 = 4096
    static let headerSize = 4096
    static let longestValidator = 1024
    private static let magic: UInt64 = 0x3230_5041_4D46_4553

    /// Opens the map at `path` for a cookie of `size` bytes, or makes one with nothing present.
    ///
    /// - Throws: `.stale` when the map is another blob's: another size or validator.
    package convenience init(path: String, key: String, size: UInt64, validator: String?) throws(CacheError) {
        let file: Descriptor
        do { file = try Descriptor.open(path, O_RDWR | O_CREAT) } catch { throw CacheError(error) }
        try self.init(file, path: path, key: key, size: size, validator: validator)
    }

    /// A map that is in memory only and belongs to this process alone; nothing is present.
    convenience init(inMemory key: String, size: UInt64, validator: String?) throws(CacheError) {
        let file: Descriptor
        do { file = try Descriptor.inMemory(0) } catch { throw CacheError(error) }
        try self.init(file, path: key, key: key, size: size, validator: validator, reserving: false)
    }

    private init(
        _ file: Descriptor, path: String, key: String, size: UInt64, validator: String?, reserving: Bool = true
    ) throws(CacheError) {
        let count = Int(clamping: (size + MapFile.granule - 1) / MapFile.granule)
        let bitmap = PresenceBitmap.byteCount(for: count)
        essential = MapFile.headerSize + 2 * bitmap
        let optional = (essential + 4095) / 4096 * 4096
        length = optional + bitmap + AccessStamps.byteCount(for: count)
        let identity = Array((validator ?? "").utf8.prefix(MapFile.longestValidator))
        descriptor = file
        do { memory = try file.mapped(length, path: path, reserving: reserving) } catch { throw CacheError(error) }
        guardSlot = clinux_guard_mapping(memory, length)
        readable = PresenceBitmap(memory + MapFile.headerSize, count: count)
        durable = PresenceBitmap(memory + MapFile.headerSize + bitmap, count: count)
        flushing = PresenceBitmap(memory + optional, count: count)
        stamps = AccessStamps(memory + optional + bitmap, granules: count)
        // No other process may look at a half-made header, or restart the map at the same time.
        flock(descriptor.raw, LOCK_EX)
        defer { flock(descriptor.raw, LOCK_UN) }
        if memory.load(as: UInt64.self) != MapFile.magic {
            clear()
            makeHeader(size: size, identity)
        }
        guard isOf(size: size, validator: validator) else { throw .stale(key) }
        learn(identity)
        restartIfNeeded()
    }

    deinit {
        clinux_unguard_mapping(guardSlot)
        munmap(memory, length)
    }

    /// Bytes of the blob.
    var size: UInt64 { memory.load(fromByteOffset: 8, as: UInt64.self) }

    /// Counts removals of granules; a read that finds it unchanged has read what was present all the while.
    @inline(__always) package var generation: UInt64 { generationWord.pointee.load(ordering: .acquiring) }

    /// Says that granules are about to lose their bytes; their bits must be cleared before.
    package func countRemoval() { generationWord.pointee.wrappingAdd(1, ordering: .sequentiallyConsistent) }

    /// Runs `body` while no other process publishes or removes granules of this object.
    ///
    /// The lock belongs to the open file: threads of this process exclude each other by ``Cookie/maintenance``.
    package func exclusively<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
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
        guard msync(memory, essential, Int32(MS_SYNC)) == 0 else {
            throw .system(call: "msync", path: "map file", code: errno)
        }
    }

    /// Makes everything missing.
    package func forgetAll() { forget(0..<readable.count) }

    /// Makes granules missing; readers that are in the midst of them notice.
    func forget(_ granules: Range<Int>) {
        readable.remove(granules)
        durable.remove(granules)
        flushing.remove(granules)
        countRemoval()
    }

    /// Opens the map of a blob of which nothing else is known; nil when there is none, or none that is sound.
    ///
    /// To be called with the fan-out directory locked.
    static func existing(_ path: String) -> MapFile? {
        guard let identity = identity(at: path), let file = try? Descriptor.open(path, O_RDONLY),
            let length = try? file.size(), identity.size <= UInt64(Int64.max) - granule
        else { return nil }
        // A damaged header must not make the map grow to its size.
        let count = Int((identity.size + granule - 1) / granule)
        guard length >= UInt64(headerSize + 2 * PresenceBitmap.byteCount(for: count)) else { return nil }
        return try? MapFile(path: path, key: "", size: identity.size, validator: nil)
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

    /// Whether the object is known to be the blob itself, and not what it decodes to or a part of it.
    var isBlobItself: Bool {
        get { memory.load(fromByteOffset: 1116, as: UInt8.self) == 1 }
        set { memory.storeBytes(of: newValue ? 1 : 0, toByteOffset: 1116, as: UInt8.self) }
    }

    /// The tick from which on what is used is pinned, while somebody holds the lock ``Hold/pin``.
    var pinnedSince: UInt32 {
        get { pinnedWord.pointee.load(ordering: .acquiring) }
        set { pinnedWord.pointee.store(newValue, ordering: .releasing) }
    }

    private var pinnedWord: UnsafeMutablePointer<Atomic<UInt32>> {
        (memory + 1112).assumingMemoryBound(to: Atomic<UInt32>.self)
    }

    private var generationWord: UnsafeMutablePointer<Atomic<UInt64>> {
        (memory + 24).assumingMemoryBound(to: Atomic<UInt64>.self)
    }
}

extension MapFile {
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
