// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import Primitives

/// Tells of damage in the image, once for each inode and not too often.
final class DamageLog: Sendable {
    private struct State {
        var known: Set<NodeID> = []
        var secondStarted: UInt64 = 0
        var linesInSecond = 0
        var suppressed = 0
    }

    /// Inodes that are remembered; damage of more than these is only counted.
    static let capacity = 4096
    /// Lines in one second.
    static let rate = 10

    private let state = Locked(State())
    private let sink: @Sendable (String) -> Void

    /// Lines go to `sink`, from any thread.
    init(_ sink: @escaping @Sendable (String) -> Void) { self.sink = sink }

    /// Logs `message` about an inode, unless that was done before or too much was said in the second of `now`.
    func report(_ nid: NodeID, _ message: String, at now: MonotonicTime = .now) {
        let line: String? = state.withLock { state in
            guard state.known.count < DamageLog.capacity, state.known.insert(nid).inserted else { return nil }
            if now.nanoseconds &- state.secondStarted >= 1_000_000_000 {
                state.secondStarted = now.nanoseconds
                state.linesInSecond = 0
            }
            guard state.linesInSecond < DamageLog.rate else {
                state.suppressed += 1
                return nil
            }
            state.linesInSecond += 1
            defer { state.suppressed = 0 }
            let others = state.suppressed > 0 ? " (and \(state.suppressed) inodes before)" : ""
            return "inode \(nid): \(message)\(others)"
        }
        if let line { sink(line) }
    }
}
