// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The handle of a read that is made of several reads, one after the other: what it is told, the current one is told.
///
/// What it was told before holds for those that come later. From any thread.
package final class HandleRelay: FetchHandle {
    private struct State {
        var current: (any FetchHandle)?
        var isCancelled = false
        var isHurried = false
    }

    private let state = Locked(State())

    /// A relay of no read yet.
    package init() {}

    /// Whether the read as a whole was given up.
    package var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Goes on with the next read.
    package func pass(on handle: any FetchHandle) {
        let (isCancelled, isHurried) = state.withLock { state in
            state.current = handle
            return (state.isCancelled, state.isHurried)
        }
        if isCancelled { handle.cancel() } else if isHurried { handle.hurry() }
    }

    package func cancel() {
        let current = state.withLock { state in
            state.isCancelled = true
            return state.current
        }
        current?.cancel()
    }

    package func hurry() {
        let current: (any FetchHandle)? = state.withLock { state in
            defer { state.isHurried = true }
            return state.isHurried ? nil : state.current
        }
        current?.hurry()
    }
}
