// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The requests of one processor, as the kernel keeps them apart.
final class RingQueue: Sendable {
    /// The processor's number.
    let number: UInt16
    private let idle = Atomic<Int>(0)
    /// Threads that serve it.
    private let members = Atomic<Int>(0)

    init(_ number: UInt16) { self.number = number }

    /// A thread begins to serve it.
    func join() { members.wrappingAdd(1, ordering: .relaxed) }

    /// Threads that have something to do.
    var busyThreads: Int { members.load(ordering: .relaxed) - idle.load(ordering: .relaxed) }

    /// Whether a thread waits for requests of this queue.
    var hasIdleThread: Bool { idle.load(ordering: .relaxed) > 0 }

    /// A thread begins to wait.
    @inline(__always) func rest() { idle.wrappingAdd(1, ordering: .relaxed) }

    /// A thread has something to do.
    @inline(__always) func wake() { idle.wrappingSubtract(1, ordering: .relaxed) }
}
