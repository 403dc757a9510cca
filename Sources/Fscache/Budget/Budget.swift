// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives
import Synchronization

/// Keeps a cache within its limits: counts what comes and goes, and sees to it that there is room for what comes.
///
/// A thread, `cache-trim`, begins a little before the limit, so that a fill seldom has to wait; a fill that would pass the
/// limit trims itself. Without limits it only counts.
final class Budget: Sendable {
    let limits: CacheLimits
    let ledger: Ledger
    /// Whether what is used through this cache stays until it is closed.
    let pins: Bool
    private let directory: String
    private let trimmer: Trimmer
    /// Bytes of fills that are on their way to the disk.
    private let reserved = Atomic<UInt64>(0)
    /// Whether the ledger was set right by this process.
    private let isSurveyed = Atomic<Bool>(false)
    /// When a round that frees nothing may be tried again, in nanoseconds of the monotonic clock.
    private let nextAttempt = Atomic<UInt64>(0)
    private let state = Locked(State())
    private let changed = Condition()

    private struct State {
        var isWanted = false
        var isStopping = false
        var thread: NamedThread?
    }

    /// How near the limits are.
    private enum Pressure { case none, high, limit }

    /// Milliseconds between two looks at what other processes and other users of the disk do.
    private static let interval: UInt64 = 1000
    /// Milliseconds after a round that was in vain.
    private static let pause: UInt64 = 250

    init(directory: String, traits: FileSystemTraits, limits: CacheLimits, pins: Bool, events: EventLog) {
        self.directory = directory
        self.limits = limits
        self.pins = pins
        ledger = Ledger(directory: directory)
        trimmer = Trimmer(directory: directory, traits: traits, ledger: ledger, events: events)
    }

    /// Starts to watch the limits, with a survey in the background; does nothing without limits.
    func start() {
        guard !limits.isEmpty else { return }
        state.withLock { state in
            state.thread = try? NamedThread("cache-trim") { [weak self] in
                self?.trim()
                while let budget = self?.waited() { budget.trim() }
            }
        }
    }

    /// Ends the thread, without waiting for it.
    func stop() {
        state.withLock { $0.isStopping = true }
        changed.broadcast()
    }

    /// Makes room for a fill, which is to be given back with ``release(_:)`` when it is done.
    ///
    /// - Throws: `.noRoom` when the limits do not allow it, and nothing can be taken out.
    func reserve(_ bytes: UInt64) throws(CacheError) {
        reserved.wrappingAdd(bytes, ordering: .relaxed)
        guard !limits.isEmpty, !hasRoom() else { return }
        release(bytes)
        // What is on its way past the cache ages what is in it too.
        ledger.noteFill(bytes)
        throw .noRoom(directory)
    }

    /// Gives the room for a fill back; what it has put into the cache was noted.
    func release(_ bytes: UInt64) { reserved.wrappingSubtract(bytes, ordering: .relaxed) }

    /// Counts bytes that were stored, and those of them that were missing before.
    func noteFill(new: UInt64, stored: UInt64) {
        ledger.add(Int64(clamping: new))
        ledger.noteFill(stored)
    }

    /// Bytes that this process took out for a limit.
    var culledBytes: UInt64 { trimmer.culledBytes }

    /// Counts bytes that were taken out.
    func noteRemoval(_ bytes: UInt64) { ledger.add(-Int64(clamping: bytes)) }

    /// Takes out what was not used for longest, until the directory takes so many bytes.
    func prune(to bytes: UInt64) -> Trimmer.Outcome? {
        // Nothing is spared: what was fetched ahead by hand, say, nobody has read yet.
        trimmer.run(sparing: 0) { taken in Trimmer.Need(bytes: taken - min(taken, bytes)) }
    }

    private func hasRoom() -> Bool {
        if !isSurveyed.load(ordering: .acquiring) { trim() }
        switch pressure {
        case .none: return true
        case .high: wake()
        case .limit: return madeRoom()
        }
        return true
    }

    /// Trims until there is room, or nothing more can be taken out.
    private func madeRoom() -> Bool {
        guard MonotonicTime.now.nanoseconds >= nextAttempt.load(ordering: .relaxed) else { return false }
        // What others freed may have been taken by others still, before it was our turn.
        var isHopeless = false
        while pressure == .limit, !isHopeless { isHopeless = trim()?.freed == 0 }
        // A round that had nothing to free may have found that less is taken than was thought.
        guard pressure == .limit else { return true }
        let next = MonotonicTime.now.advanced(milliseconds: Budget.pause).nanoseconds
        nextAttempt.store(next, ordering: .relaxed)
        return false
    }

    /// - Returns: Nil when it was not needed any more.
    @discardableResult
    private func trim() -> Trimmer.Outcome? {
        let isNeeded = { [self] in !isSurveyed.load(ordering: .acquiring) || pressure != .none }
        defer { isSurveyed.store(true, ordering: .releasing) }
        return trimmer.run(sparing: sparing, isNeeded: isNeeded) { need(taken: $0) }
    }

    private func need(taken: UInt64) -> Trimmer.Need {
        var need = Trimmer.Need()
        let taken = taken + reserved.load(ordering: .relaxed)
        if let high = limits.highWater, let low = limits.lowWater, taken > high { need.bytes = taken - low }
        guard limits.blocks != nil || limits.files != nil, let disk = DiskSpace(of: directory) else { return need }
        if let state = limits.blocks?.state(free: available(on: disk), total: disk.blocks), state.wantsCulling {
            let missing = state.missing.multipliedReportingOverflow(by: disk.blockSize)
            need.bytes = max(need.bytes, missing.overflow ? .max : missing.partialValue)
        }
        if let state = limits.files?.state(free: disk.freeFiles, total: disk.files), state.wantsCulling {
            need.files = state.missing
        }
        return need
    }

    /// Free blocks, without those that fills under way are about to take; the kernel counts so too.
    private func available(on disk: DiskSpace) -> UInt64 {
        let wanted = reserved.load(ordering: .relaxed) / max(1, disk.blockSize)
        return disk.freeBlocks - min(disk.freeBlocks, wanted)
    }

    private var pressure: Pressure {
        var isHigh = false
        if let limit = limits.maxBytes, let high = limits.highWater {
            let taken = ledger.bytes + reserved.load(ordering: .relaxed)
            if taken > limit { return .limit }
            isHigh = taken > high
        }
        guard limits.blocks != nil || limits.files != nil, let disk = DiskSpace(of: directory) else {
            return isHigh ? .high : .none
        }
        for state in [
            limits.blocks?.state(free: available(on: disk), total: disk.blocks),
            limits.files?.state(free: disk.freeFiles, total: disk.files),
        ] {
            if state?.mustStop == true { return .limit }
            if state?.wantsCulling == true { isHigh = true }
        }
        return isHigh ? .high : .none
    }

    /// Ticks in which half the cache is filled: so long a unit waits for the reader that it was filled for.
    private var sparing: UInt32 {
        UInt32(clamping: (limits.maxBytes ?? 256 << 20) >> (Ledger.tickShift + 1))
    }

    private func wake() {
        let isFirst = state.withLock { state in
            defer { state.isWanted = true }
            return !state.isWanted
        }
        if isFirst { changed.signal() }
    }

    /// Waits until somebody wants room, or it is time to look; nil when the cache is closed.
    private func waited() -> Budget? {
        state.withLock(waitingOn: changed) { state, waiter in
            let deadline = MonotonicTime.now.advanced(milliseconds: Budget.interval)
            while !state.isStopping, !state.isWanted, waiter.wait(for: &state, until: deadline) {}
            state.isWanted = false
            return state.isStopping ? nil : self
        }
    }
}

/// What is free on the file system of a directory, in its own blocks.
struct DiskSpace {
    let blockSize: UInt64
    /// Bytes in all, and free ones.
    var bytes: UInt64 { blocks.multipliedReportingOverflow(by: blockSize).partialValue }
    var freeBytes: UInt64 { freeBlocks.multipliedReportingOverflow(by: blockSize).partialValue }
    let blocks: UInt64
    /// Blocks that unprivileged users may take.
    let freeBlocks: UInt64
    let files: UInt64
    let freeFiles: UInt64

    /// Asks the file system; nil when it does not tell.
    init?(of directory: String) {
        var status = statvfs()
        guard statvfs(directory, &status) == 0 else { return nil }
        blockSize = UInt64(status.f_frsize)
        blocks = UInt64(status.f_blocks)
        freeBlocks = UInt64(status.f_bavail)
        files = UInt64(status.f_files)
        freeFiles = UInt64(status.f_ffree)
    }
}
