// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Primitives
import Synchronization

/// The entries of a ring whose replies were made later, until its thread commits them.
///
/// Only that thread may: the kernel brings the next request to whoever has committed.
final class RingMailbox: Sendable {
    private let finished = Locked<[RingEntry]>([])
    private let hasMail = Atomic<Bool>(false)
    private let stopping = Atomic<Bool>(false)
    private let bell: Bell
    /// The thread that looks into it by itself before it sleeps; 0 until it runs.
    private let owner = Atomic<Int>(0)

    init() throws(SystemError) { bell = try Bell() }

    /// Readable, 8 bytes, when there is something that its thread does not know of.
    var descriptor: Int32 { bell.descriptor }

    /// The calling thread is the one that looks into it.
    func moveIn() { owner.store(RingMailbox.caller, ordering: .relaxed) }

    /// Takes an entry with its reply; from any thread.
    func add(_ entry: RingEntry) {
        finished.withLock { $0.append(entry) }
        hasMail.store(true, ordering: .releasing)
        if owner.load(ordering: .relaxed) != RingMailbox.caller { bell.ring() }
    }

    /// Asks the thread to end, once it has committed what there is.
    func stop() {
        stopping.store(true, ordering: .releasing)
        bell.ring()
    }

    /// Whether the thread is to end.
    var isStopping: Bool { stopping.load(ordering: .acquiring) }

    /// What has come since the last time; empty most of the time, which costs a load.
    @inline(__always) func take() -> [RingEntry] {
        guard hasMail.load(ordering: .acquiring) else { return [] }
        return finished.withLock { finished in
            hasMail.store(false, ordering: .relaxed)
            defer { finished = [] }
            return finished
        }
    }

    private static var caller: Int { Int(clinux_gettid()) }
}
