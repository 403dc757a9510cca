// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ImageReader
import Primitives

/// Reports failures, each kind once in a while: a hostile image or a dead server must not fill the log.
final class FailureLog: Sendable {
    private struct State {
        var seen: Set<String> = []
        var windowEnd = MonotonicTime(nanoseconds: 0)
    }

    private let state = Locked(State())
    private let report: @Sendable (String) -> Void

    /// Different messages in one window.
    private static let limit = 64
    /// Milliseconds until a message may come again.
    private static let window: UInt64 = 60_000

    init(_ report: @escaping @Sendable (String) -> Void) { self.report = report }

    /// Reports `error` if that was not done lately.
    ///
    /// - Returns: The error number for it.
    func note(_ error: ReadError) -> Int32 {
        let text = error.description
        let isNew = state.withLock { state in
            let now = MonotonicTime.now
            if now > state.windowEnd {
                state.seen = []
                state.windowEnd = now.advanced(milliseconds: FailureLog.window)
            }
            return state.seen.count < FailureLog.limit && state.seen.insert(text).inserted
        }
        if isNew { report(text) }
        return ErrnoMapping.code(for: error)
    }
}
