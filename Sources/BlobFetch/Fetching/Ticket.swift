// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A reader's wait for one or several fetches.
public final class Ticket: Sendable {
    private let wait: Countdown<FetchError>

    init(_ completion: @escaping @Sendable (FetchError?) -> Void) {
        // One count more than fetches, so that the wait cannot end before all fetches are counted.
        wait = Countdown(1, completion)
    }

    /// Gives the wait up; its completion will not be called any more, unless it is being called right now.
    public func cancel() { wait.end() }

    /// One more fetch to wait for.
    func expect() { wait.expect() }

    /// A fetch has ended.
    func arrived(_ error: FetchError?) { wait.arrived(error) }
}
