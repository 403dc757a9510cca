// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Primitives

/// A wait for missing bytes that can be given up.
package final class ProvideTicket: Sendable {
    private struct State {
        var waiting: Int
        var error: ReadError?
        var completion: (@Sendable (ReadError?) -> Void)?
        var parts: [Ticket] = []
        var isCancelled = false
    }

    private let state: Locked<State>

    init(pieces: Int, _ completion: @escaping @Sendable (ReadError?) -> Void) {
        state = Locked(State(waiting: pieces, error: nil, completion: completion))
    }

    /// Stops waiting: the completion comes at once with `FetchError.cancelled`, unless it came already.
    ///
    /// The fetch itself goes on when others wait for it. May be called from any thread, any number of times.
    package func cancel() {
        let (completion, parts) = state.withLock { state in
            defer {
                state.completion = nil
                state.parts = []
                state.isCancelled = true
            }
            return (state.completion, state.parts)
        }
        for part in parts { part.cancel() }
        completion?(.fetch(.cancelled))
    }

    func add(_ part: Ticket) {
        let isLate = state.withLock { state in
            if !state.isCancelled, state.completion != nil { state.parts.append(part) }
            return state.isCancelled
        }
        if isLate { part.cancel() }
    }

    func pieceArrived(_ error: ReadError?) {
        let finished: (completion: (@Sendable (ReadError?) -> Void)?, error: ReadError?) = state.withLock { state in
            state.waiting -= 1
            if state.error == nil { state.error = error }
            guard state.waiting <= 0 else { return (nil, nil) }
            defer {
                state.completion = nil
                state.parts = []
            }
            return (state.completion, state.error)
        }
        finished.completion?(finished.error)
    }
}
