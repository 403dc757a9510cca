// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import FUSE
import Primitives
import Synchronization

/// The large files that are open, and those that the kernel reads by itself.
///
/// All who have a file open at once must have it open in the same way: the kernel refuses to open it in the other.
final class PassedFiles: Sendable {
    /// How a file is to be opened.
    enum Way: Equatable {
        /// By requests, as another one that is open is.
        case asked
        /// From the file that the kernel has.
        case passed(BackingID)
        /// Nobody has it open: a file may be given to the kernel.
        case free
    }

    private struct File {
        var opens = 0
        /// The file that the kernel has; nil when the content is asked for.
        var backing: BackingID?
        /// What had been taken out of the caches when the file was made.
        var removals: UInt64 = 0
        /// When it was last closed, in the order of such events.
        var closed: UInt64 = 0
    }

    private struct State {
        var files: [NodeID: File] = [:]
        /// Files that will never be passed.
        var unsuited: Set<NodeID> = []
        var clock: UInt64 = 0
        var idle = 0
        /// Files that are being given to the kernel.
        var beingGiven = 0
    }

    /// Whether more files may be given.
    private enum Permission: UInt8, AtomicRepresentable {
        case unknown
        case given
        case refused
    }

    /// Bytes of the smallest file for which it is worth it.
    private static let smallest: UInt64 = 1 << 20
    /// Files that are kept for who opens them again, since what the kernel has read of one goes with it.
    static let mostIdle = 256
    private static let mostUnsuited = 4096
    /// The handle of a file that is kept account of.
    static let handle: UInt64 = 1

    private let backing: any BackingFiles
    private let state = Locked(State())
    private let permission = Atomic(Permission.unknown)
    private let log: @Sendable (String) -> Void

    init(_ backing: any BackingFiles, log: @escaping @Sendable (String) -> Void) {
        self.backing = backing
        self.log = log
    }

    /// Whether a file is one that account is kept of, because it may be passed.
    static func isLarge(_ inode: Inode) -> Bool { inode.type.isRegular && inode.size >= smallest }

    /// Files that the kernel has at this moment.
    var count: Int { state.withLock { $0.files.values.count { $0.backing != nil } } }

    /// Whether files are to be opened by requests at all; when not, that is for good.
    var isOn: Bool {
        switch permission.load(ordering: .relaxed) {
        case .given: return true
        case .refused: return state.withLock { !$0.files.isEmpty || $0.beingGiven > 0 }
        case .unknown:
            if let refusal = backing.backingRefusal {
                stopPassing(refusal.description)
                return false
            }
            _ = permission.compareExchange(expected: .unknown, desired: .given, ordering: .relaxed)
            return true
        }
    }

    /// Whether a file may be given to the kernel, which nobody has open.
    func isFree(_ nid: NodeID) -> Bool { state.withLock { $0.files[nid] == nil && mayGive(nid, $0) } }

    /// Opens a file in the way that others have it open; with `.free` nothing has happened yet.
    ///
    /// - Parameter removals: What has been taken out of the caches; a copy made before that serves no new readers.
    func open(_ nid: NodeID, removals: UInt64) -> Way {
        let (way, outdated): (Way, BackingID?) = state.withLock { state in
            var outdated: BackingID?
            if let file = state.files[nid] {
                if file.opens > 0 || file.removals == removals {
                    add(&state, nid)
                    return (file.backing.map { .passed($0) } ?? .asked, nil)
                }
                state.files[nid] = nil
                state.idle -= 1
                outdated = file.backing
            }
            if mayGive(nid, state) { return (.free, outdated) }
            state.files[nid] = File(opens: 1)
            return (.asked, outdated)
        }
        if let outdated { backing.closeBacking(outdated) }
        return way
    }

    /// Opens a file that was free, from a copy of its own if there is one.
    ///
    /// - Parameter removals: What had been taken out of the caches before the copy was made.
    /// - Returns: Never `.free`.
    func open(_ nid: NodeID, from copy: Descriptor?, removals: UInt64) -> Way {
        state.withLock { $0.beingGiven += 1 }
        var id: BackingID?
        if let copy {
            do throws(SystemError) { id = try backing.openBacking(copy) } catch { stopPassing(error.description) }
        }
        let (way, surplus): (Way, BackingID?) = state.withLock { state in
            state.beingGiven -= 1
            if let file = state.files[nid] {
                add(&state, nid)
                return (file.backing.map { .passed($0) } ?? .asked, id)
            }
            state.files[nid] = File(opens: 1, backing: id, removals: removals)
            return (id.map { .passed($0) } ?? .asked, nil)
        }
        if let surplus { backing.closeBacking(surplus) }
        return way
    }

    /// A file will never be passed.
    func noteUnsuited(_ nid: NodeID) {
        state.withLock { state in
            if state.unsuited.count >= PassedFiles.mostUnsuited { state.unsuited = [] }
            state.unsuited.insert(nid)
        }
    }

    /// No more files are passed; those that are stay it.
    private func stopPassing(_ reason: String) {
        guard permission.exchange(.refused, ordering: .relaxed) != .refused else { return }
        log("no more files are passed through to the kernel: \(reason)")
    }

    /// Closes a file once.
    ///
    /// - Returns: What the kernel is to forget now, by ``forget(_:)``.
    func close(_ nid: NodeID) -> BackingID? {
        state.withLock { state in
            guard var file = state.files[nid], file.opens > 0 else { return nil }
            state.clock += 1
            file.opens -= 1
            file.closed = state.clock
            state.files[nid] = file.opens == 0 && file.backing == nil ? nil : file
            guard file.opens == 0, file.backing != nil else { return nil }
            state.idle += 1
            return state.idle > PassedFiles.mostIdle ? dropOldest(&state) : nil
        }
    }

    /// Lets the kernel forget a file, and with it what it has read of it: that takes long for a large one.
    func forget(_ id: BackingID) { backing.closeBacking(id) }

    private func mayGive(_ nid: NodeID, _ state: borrowing State) -> Bool {
        permission.load(ordering: .relaxed) == .given && !state.unsuited.contains(nid)
    }

    private func add(_ state: inout State, _ nid: NodeID) {
        if state.files[nid]?.opens == 0 { state.idle -= 1 }
        state.files[nid]?.opens += 1
    }

    private func dropOldest(_ state: inout State) -> BackingID? {
        var oldest: (nid: NodeID, closed: UInt64)?
        for (nid, file) in state.files where file.opens == 0 && file.closed < oldest?.closed ?? .max {
            oldest = (nid, file.closed)
        }
        guard let oldest else { return nil }
        state.idle -= 1
        return state.files.removeValue(forKey: oldest.nid)?.backing
    }
}
