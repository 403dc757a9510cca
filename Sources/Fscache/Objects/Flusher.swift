// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Forces what was fetched to disk, twice a second, from a thread of its own.
final class Flusher: Sendable {
    private struct State {
        var cookies: [Weak<Cookie>] = []
        var thread: NamedThread?
        var isStopping = false
    }

    private let state = Locked(State())
    private let changed = Condition()
    /// Milliseconds between two rounds: what a power cut may cost.
    private static let interval: UInt64 = 500

    /// Flushes `cookie` from now on, as long as it lives.
    func watch(_ cookie: Cookie) {
        guard cookie.policy == .batched else { return }
        state.withLock { state in
            state.cookies.removeAll { $0.object == nil }
            state.cookies.append(Weak(cookie))
            guard state.thread == nil, !state.isStopping else { return }
            state.thread = try? NamedThread("cache-flush") { [weak self] in
                while let round = self?.nextRound() { for cookie in round { cookie.flush() } }
            }
        }
    }

    /// Ends the thread, without waiting for it; cookies flush what is left when they go.
    func stop() {
        state.withLock { $0.isStopping = true }
        changed.broadcast()
    }

    /// Waits for the next round; nil when there will be none.
    private func nextRound() -> [Cookie]? {
        state.withLock(waitingOn: changed) { state, waiter in
            let deadline = MonotonicTime.now.advanced(milliseconds: Flusher.interval)
            while !state.isStopping, waiter.wait(for: &state, until: deadline) {}
            return state.isStopping ? nil : state.cookies.compactMap(\.object)
        }
    }
}
