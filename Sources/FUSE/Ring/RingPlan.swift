// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Which thread serves the requests of which processors.
///
/// The kernel has a queue for each processor that the machine can have, and gives nothing to a server that leaves one out.
/// A thread that keeps to the processor of who asks is woken without a signal between processors, which costs more than the
/// request.
package struct RingPlan: Equatable, Sendable {
    /// What one thread serves.
    struct Part: Equatable, Sendable {
        /// The processors whose requests it serves.
        var queues: [Int]
        /// The processors that it runs on; with none it runs anywhere.
        var processors: [Int]
        /// The processors that the process may run on.
        var everywhere: [Int] = []
        /// Entries that each queue has from this thread.
        var depth = RingPlan.fewest
    }

    private(set) var parts: [Part]
    /// How many threads there are.
    package var threadCount: Int { parts.count }
    /// How many queues there are.
    let queueCount: Int

    /// Threads for a processor on a small machine, so that one can wait for a disk; all together stay below ``most``.
    static let perProcessor = 4
    /// Entries that a queue has from each of its threads at least.
    ///
    /// They are little more than addresses until they are used.
    static let fewest = 4
    /// Entries of all threads together on a small machine.
    static let entries = 128
    /// Threads at most that are made without being asked for.
    static let most = 64

    /// - Parameters:
    ///   - possible: Processors that the machine can have; at least 1.
    ///   - usable: Those that this process may run on.
    ///   - limit: Threads at most; nil leaves it to the machine.
    init(possible: Int, usable: [Int], limit: Int? = nil) {
        queueCount = possible
        let mine = usable.filter { $0 < possible }
        guard !mine.isEmpty else {
            parts = [Part(queues: Array(0..<possible), processors: [])]
            return
        }
        let wanted = limit ?? max(mine.count, min(mine.count * RingPlan.perProcessor, RingPlan.most))
        parts = (0..<max(1, wanted)).map { index in
            let served =
                wanted >= mine.count ? [mine[index % mine.count]] : RingPlan.every(wanted, from: index, of: mine)
            return Part(queues: served, processors: served, everywhere: mine)
        }
        let depth = max(RingPlan.fewest, RingPlan.entries / parts.count)
        for index in parts.indices { parts[index].depth = depth }
        for (index, processor) in (0..<possible).filter({ !mine.contains($0) }).enumerated() {
            parts[index % min(parts.count, mine.count)].queues.append(processor)
        }
    }

    private static func every(_ step: Int, from start: Int, of processors: [Int]) -> [Int] {
        stride(from: start, to: processors.count, by: step).map { processors[$0] }
    }

    /// The plan for this machine; nil when the kernel does not tell how many processors it has.
    package static func here(limit: Int?) -> RingPlan? {
        let possible = Processors.possible
        guard possible > 0 else { return nil }
        return RingPlan(possible: possible, usable: Processors.usable.map { Int($0) }, limit: limit)
    }
}
