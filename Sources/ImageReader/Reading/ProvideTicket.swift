// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Primitives

/// A wait for missing bytes that can be given up.
package final class ProvideTicket: Sendable {
    private struct Parts {
        var tickets: [Ticket] = []
        var isEnded = false
        var isCancelled = false
    }

    private let wait: Countdown<ReadError>
    private let parts = Locked(Parts())

    init(pieces: Int, _ completion: @escaping @Sendable (ReadError?) -> Void) { wait = Countdown(pieces, completion) }

    /// Stops waiting: the completion comes at once with `FetchError.cancelled`, unless it came already.
    ///
    /// The fetch itself goes on when others wait for it. May be called from any thread, any number of times.
    package func cancel() {
        let completion = wait.end()
        let tickets = parts.withLock { parts in
            defer { parts = Parts(isEnded: true, isCancelled: true) }
            return parts.tickets
        }
        for ticket in tickets { ticket.cancel() }
        completion?(.fetch(.cancelled))
    }

    func add(_ part: Ticket) {
        let isLate = parts.withLock { parts in
            if !parts.isEnded { parts.tickets.append(part) }
            return parts.isCancelled
        }
        if isLate { part.cancel() }
    }

    func pieceArrived(_ error: ReadError?) {
        guard wait.arrived(error) else { return }
        // They hold this wait in turn.
        parts.withLock { parts in
            parts.tickets = []
            parts.isEnded = true
        }
    }
}
