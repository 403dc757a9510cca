// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Waits for several things, and then calls a completion once, with the first error.
///
/// From any thread; the completion is called on that of the last thing, without a lock held.
package final class Countdown<Failure: Error>: Sendable {
    private struct State {
        var waiting: Int
        var error: Failure?
        var completion: (@Sendable (Failure?) -> Void)?
    }

    private let state: Locked<State>

    /// Waits for `count` things.
    package init(_ count: Int, _ completion: @escaping @Sendable (Failure?) -> Void) {
        state = Locked(State(waiting: count, completion: completion))
    }

    /// One more thing to wait for.
    package func expect() { state.withLock { $0.waiting += 1 } }

    /// A thing has come, or failed.
    ///
    /// - Returns: Whether nothing is waited for any more.
    @discardableResult
    package func arrived(_ error: Failure?) -> Bool {
        let last: (completion: (@Sendable (Failure?) -> Void)?, error: Failure?)? = state.withLock { state in
            state.waiting -= 1
            if state.error == nil { state.error = error }
            guard state.waiting <= 0 else { return nil }
            defer { state.completion = nil }
            return (state.completion, state.error)
        }
        last?.completion?(last?.error)
        return last != nil
    }

    /// Ends the wait: the completion will not be called, unless it is being called right now.
    ///
    /// - Returns: The completion, for whoever wants to call it with something else; nil when it was called already.
    @discardableResult
    package func end() -> (@Sendable (Failure?) -> Void)? {
        state.withLock { state in
            defer { state.completion = nil }
            return state.completion
        }
    }
}
