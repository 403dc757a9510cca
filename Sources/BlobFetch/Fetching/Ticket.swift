// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A reader's wait for one or several fetches.
public final class Ticket: Sendable {
    private struct State {
        var waiting: Int
        var error: FetchError?
        var completion: (@Sendable (FetchError?) -> Void)?
    }

    private let state: Locked<State>

    init(_ completion: @escaping @Sendable (FetchError?) -> Void) {
        // One count more than fetches, so that the wait cannot end before all fetches are counted.
        state = Locked(State(waiting: 1, error: nil, completion: completion))
    }

    /// Gives the wait up; its completion will not be called any more, unless it is being called right now.
    public func cancel() { state.withLock { $0.completion = nil } }

    /// One more fetch to wait for.
    func expect() { state.withLock { $0.waiting += 1 } }

    /// A fetch has ended.
    func arrived(_ error: FetchError?) {
        let finished: (completion: (@Sendable (FetchError?) -> Void)?, error: FetchError?) = state.withLock { state in
            state.waiting -= 1
            if state.error == nil { state.error = error }
            guard state.waiting == 0 else { return (nil, nil) }
            defer { state.completion = nil }
            return (state.completion, state.error)
        }
        finished.completion?(finished.error)
    }
}
