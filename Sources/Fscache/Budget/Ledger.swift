// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Primitives
import Synchronization

/// How many bytes a cache directory takes, and how much was ever filled: shared by all processes that use it.
///
/// A file `ledger` in the directory, mapped. The count of bytes is an estimate that every fill and removal corrects, and
/// that a survey of the directory sets right from time to time; a process that is killed leaves an error until then. The
/// count of fills is the clock of the access stamps: recency matters only when something comes in, so a clock that moves
/// with what comes in is as good as time, costs one load, and is not set back. Integers are in the machine's order.
///
///     0  8  magic "SEFLEDG1"    8  8  bytes taken    16  8  bytes ever filled
final class Ledger: @unchecked Sendable {
    // Safe to share: what changes in the mapping is atomic.
    private let memory: UnsafeMutableRawPointer
    private let guardSlot: Int32
    /// Its lock is that of trimming; nil when there is no file, and nobody to share with.
    private let descriptor: Descriptor?
    private let taken: UnsafeMutablePointer<Atomic<UInt64>>
    private let fills: UnsafeMutablePointer<Atomic<UInt64>>

    /// The name of the file in the cache directory.
    static let name = "ledger"
    private static let byteCount = 4096
    private static let magic: UInt64 = 0x3147_4445_4C46_4553
    /// Fills of two to this power bytes are one tick of the clock.
    static let tickShift: UInt64 = 16
    /// The bits that the clock has.
    static let clockMask: UInt32 = 0x7FFF_FFFF

    /// Opens the ledger in `directory`, or makes one; where that cannot be done it is this process's alone.
    init(directory: String) {
        let path = directory + "/" + Ledger.name
        let file = try? Descriptor.open(path, O_RDWR | O_CREAT)
        let shared = try? file?.mapped(Ledger.byteCount, path: path)
        descriptor = shared == nil ? nil : file
        memory = shared ?? Ledger.ownMemory()
        guardSlot = clinux_guard_mapping(memory, Ledger.byteCount)
        taken = (memory + 8).assumingMemoryBound(to: Atomic<UInt64>.self)
        fills = (memory + 16).assumingMemoryBound(to: Atomic<UInt64>.self)
        let magic = memory.assumingMemoryBound(to: Atomic<UInt64>.self)
        guard magic.pointee.load(ordering: .acquiring) != Ledger.magic else { return }
        taken.pointee.store(0, ordering: .relaxed)
        fills.pointee.store(0, ordering: .relaxed)
        magic.pointee.store(Ledger.magic, ordering: .releasing)
    }

    deinit {
        clinux_unguard_mapping(guardSlot)
        munmap(memory, Ledger.byteCount)
    }

    private static func ownMemory() -> UnsafeMutableRawPointer {
        let address = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let address, address != MAP_FAILED else {
            return .allocate(byteCount: byteCount, alignment: 4096)
        }
        return address
    }

    /// Bytes that the directory takes, as far as is known.
    var bytes: UInt64 { UInt64(max(0, Int64(bitPattern: taken.pointee.load(ordering: .relaxed)))) }

    /// Corrects the count of bytes.
    func add(_ difference: Int64) { taken.pointee.wrappingAdd(UInt64(bitPattern: difference), ordering: .relaxed) }

    /// Sets the count right, without losing what others add meanwhile.
    ///
    /// - Parameter before: The count when the survey began.
    func anchor(_ found: UInt64, before: UInt64) { add(Int64(clamping: found) - Int64(clamping: before)) }

    /// Moves the clock on by a fill.
    func noteFill(_ bytes: UInt64) { fills.pointee.wrappingAdd(bytes, ordering: .relaxed) }

    /// The present tick, of ``clockMask`` bits.
    @inline(__always) var clock: UInt32 {
        UInt32(truncatingIfNeeded: fills.pointee.load(ordering: .relaxed) >> Ledger.tickShift) & Ledger.clockMask
    }

    /// Runs `body` while no other process trims the directory; the lock ends with the process at the latest.
    func exclusively<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        guard let descriptor else { return try body() }
        while flock(descriptor.raw, LOCK_EX) != 0, errno == EINTR {}
        defer { flock(descriptor.raw, LOCK_UN) }
        return try body()
    }
}
