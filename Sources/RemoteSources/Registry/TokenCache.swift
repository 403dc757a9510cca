// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import Primitives

/// The life of one bearer token: got once for all who wait, renewed before it ends, forgotten when it is refused.
package struct TokenCache: Sendable {
    /// What somebody who needs the token is to do.
    package enum Step: Equatable, Sendable {
        case use(String)
        /// Use it, and get a new one meanwhile.
        case useAndRenew(String)
        /// Get one.
        case fetch
        /// Somebody gets one already.
        case wait
    }

    private struct Token: Sendable {
        var text: String
        var renewal: MonotonicTime
        var end: MonotonicTime
    }

    private var token: Token?
    private var isFetching = false

    /// A cache without a token.
    package init() {}

    /// The token as it is, even when it has ended.
    package var current: String? { token?.text }

    /// Asks for the token; after `.fetch` and `.useAndRenew` comes ``fetched(_:lifetime:now:)`` or ``failed()``.
    package mutating func need(now: MonotonicTime) -> Step {
        if let token, now < token.end {
            guard now >= token.renewal, !isFetching else { return .use(token.text) }
            isFetching = true
            return .useAndRenew(token.text)
        }
        if isFetching { return .wait }
        isFetching = true
        return .fetch
    }

    /// A token came, good for `lifetime` milliseconds.
    ///
    /// It is renewed twenty seconds before its end, or after two thirds of a short life.
    package mutating func fetched(_ text: String, lifetime: UInt64, now: MonotonicTime) {
        isFetching = false
        let margin = min(20_000, lifetime / 3)
        token = Token(
            text: text, renewal: now.advanced(milliseconds: lifetime - margin),
            end: now.advanced(milliseconds: lifetime))
    }

    /// No token came; the old one stays until its end.
    package mutating func failed() { isFetching = false }

    /// The registry refused a token.
    ///
    /// - Returns: False when another has taken its place meanwhile, so that it is worth trying that one.
    package mutating func refused(_ text: String) -> Bool {
        guard let current = token?.text else { return true }
        guard current == text else { return false }
        token = nil
        return true
    }
}
