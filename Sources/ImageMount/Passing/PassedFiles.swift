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
        /// When it was last closed, in the order of such events.
        var closed: UInt64 = 0
    }

    private struct State {
        var files: [NodeID: File] = [:]
        /// Files that will never be passed.
        var unsuited: Set<NodeID> = []
        var clock: UInt64 = 0
        var idle = 0
    }

    /// Whether more files may be given.
    private enum Permission: UInt8, AtomicRepresentable {
        case unknown
        case given
        case refused
    }

    /// Bytes of the smallest file for which it is worth it.
    static let smallest: UInt64 = 1 << 20
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

    /// Files that the kernel has at this moment.
    var count: Int { state.withLock { $0.files.values.count { $0.backing != nil } } }

    /// Whether files are to be opened by requests at all; when not, that is for good.
    var isOn: Bool {
        switch permission.load(ordering: .relaxed) {
        case .given: return true
        case .refused: return state.withLock { !$0.files.isEmpty }
        case .unknown:
            if let refusal = backing.backingRefusal {
                stopPassing(refusal.description)
                return false
            }
            permission.store(.given, ordering: .relaxed)
            return true
        }
    }

    /// Opens a file in the way that others have it open; with `.free` nothing has happened yet.
    func open(_ nid: NodeID) -> Way {
        state.withLock { state in
            if let file = state.files[nid] {
                add(&state, nid)
                return file.backing.map { .passed($0) } ?? .asked
            }
            guard permission.load(ordering: .relaxed) == .given, !state.unsuited.contains(nid) else {
                state.files[nid] = File(opens: 1)
                return .asked
            }
            return .free
        }
    }

    /// Opens a file that was free, from a copy of its own if there is one.
    ///
    /// - Returns: Never `.free`.
    func open(_ nid: NodeID, from copy: Descriptor?) -> Way {
        var id: BackingID?
        if let copy {
            do throws(SystemError) { id = try backing.openBacking(copy) } catch { stopPassing(error.description) }
        }
        let (way, surplus): (Way, BackingID?) = state.withLock { state in
            if let file = state.files[nid] {
                add(&state, nid)
                return (file.backing.map { .passed($0) } ?? .asked, id)
            }
            state.files[nid] = File(opens: 1, backing: id)
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
    func close(_ nid: NodeID) {
        let dropped: BackingID? = state.withLock { state in
            guard var file = state.files[nid], file.opens > 0 else { return nil }
            state.clock += 1
            file.opens -= 1
            file.closed = state.clock
            state.files[nid] = file.opens == 0 && file.backing == nil ? nil : file
            guard file.opens == 0, file.backing != nil else { return nil }
            state.idle += 1
            return state.idle > PassedFiles.mostIdle ? dropOldest(&state) : nil
        }
        if let dropped { backing.closeBacking(dropped) }
    }

    private func add(_ state: inout State, _ nid: NodeID) {
        if state.files[nid]?.opens == 0 { state.idle -= 1 }
        state.files[nid]?.opens += 1
    }

    private func dropOldest(_ state: inout State) -> BackingID? {
        let idle = state.files.filter { $0.value.opens == 0 }
        guard let oldest = idle.min(by: { $0.value.closed < $1.value.closed }) else { return nil }
        state.files[oldest.key] = nil
        state.idle -= 1
        return oldest.value.backing
    }
}
