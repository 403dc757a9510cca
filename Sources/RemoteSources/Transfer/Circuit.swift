// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import Primitives

/// What is known about whether one host answers.
///
/// While a host is taken for dead, one request at a time is let through to try it, and the others wait for how that one
/// fares. So a cold read on a stopped server fails at once instead of after all its retries, and the first read after the
/// server is back succeeds. A probe that took long to fail is not repeated at once.
package struct Circuit: Sendable {
    /// What a request may do.
    package enum Admission: Equatable, Sendable {
        case pass
        /// Go ahead, without retries, and report.
        case probe
        /// Ask again when the running probe has reported.
        case wait
        /// Fail, for this reason.
        case refuse(String)
    }

    private enum State: Sendable {
        case closed
        case open(reason: String, until: MonotonicTime)
        case probing(reason: String, since: MonotonicTime)
    }

    private var state = State.closed
    private let longestPause: UInt64

    /// - Parameter longestPause: The longest time, in milliseconds, that a dead host is not tried.
    package init(longestPause: UInt64 = 3_000) { self.longestPause = longestPause }

    /// Whether the host is taken for dead.
    package var isOpen: Bool {
        if case .closed = state { false } else { true }
    }

    /// Asks to send a request.
    package mutating func admit(now: MonotonicTime) -> Admission {
        switch state {
        case .closed: return .pass
        case .probing: return .wait
        case .open(let reason, let until):
            guard now >= until else { return .refuse(reason) }
            state = .probing(reason: reason, since: now)
            return .probe
        }
    }

    /// The host answered something.
    package mutating func answered() { state = .closed }

    /// A request gave up because the host did not answer, having last been tried `took` milliseconds.
    package mutating func failed(_ reason: String, took: UInt64, now: MonotonicTime) {
        state = .open(reason: reason, until: now.advanced(milliseconds: min(took, longestPause)))
    }

    /// A probe was withdrawn without a result.
    package mutating func abandoned(now: MonotonicTime) {
        if case .probing(let reason, _) = state { state = .open(reason: reason, until: now) }
    }
}
