// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Flights that wait because another process fetches the same bytes: each is tried again, until it is done.
///
/// A thread of its own looks, which runs while there is something to wait for. No notice passes between processes: a
/// byte range lock of a file can be waited for only one at a time and with a thread each, so the locks are tried again
/// every few milliseconds.
final class PeerWait: Sendable {
    /// Tries again, and returns true when nothing is left to wait for; must not block.
    ///
    /// It is told whether the flight has waited so long that it should not care for others any more.
    typealias Attempt = @Sendable (_ isLate: Bool) -> Bool

    private struct Entry {
        let begin: MonotonicTime
        let attempt: Attempt
    }

    private struct State {
        var entries: [Entry] = []
        var isRunning = false
    }

    /// Milliseconds between two rounds: the first after something changed, and the longest.
    private static let intervals: (first: UInt64, longest: UInt64) = (2, 16)
    /// Milliseconds after which a flight does without the claim: its holder may be stopped, or its network dead.
    private let patience: UInt64

    private let state = Locked(State())
    private let changed = Condition()

    init(patience: UInt64 = 20_000) { self.patience = patience }

    /// Adds a flight whose first attempt was in vain.
    func add(_ attempt: @escaping Attempt) {
        let mustStart: Bool = state.withLock { state in
            state.entries.append(Entry(begin: .now, attempt: attempt))
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard mustStart else { return }
        if (try? NamedThread("peer-wait", { self.run() })) == nil { giveUp() }
    }

    private func run() {
        var pause = PeerWait.intervals.first
        while let round = nextRound(after: pause) {
            let now = MonotonicTime.now
            let left = round.filter { !$0.attempt($0.begin.advanced(milliseconds: patience) <= now) }
            pause = left.count < round.count ? PeerWait.intervals.first : min(2 * pause, PeerWait.intervals.longest)
            state.withLock { $0.entries += left }
        }
    }

    /// The entries of the next round; nil when there are none, which ends the thread.
    private func nextRound(after pause: UInt64) -> [Entry]? {
        state.withLock(waitingOn: changed) { state, waiter in
            let deadline = MonotonicTime.now.advanced(milliseconds: pause)
            while !state.entries.isEmpty, waiter.wait(for: &state, until: deadline) {}
            state.isRunning = !state.entries.isEmpty
            defer { state.entries = [] }
            return state.isRunning ? state.entries : nil
        }
    }

    /// Without a thread nobody can wait: the flights do without the claim.
    private func giveUp() {
        let entries = state.withLock { state in
            defer { state = State() }
            return state.entries
        }
        for entry in entries { _ = entry.attempt(true) }
    }
}
