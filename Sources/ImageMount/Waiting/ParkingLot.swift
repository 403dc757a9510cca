// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import FUSE
import Primitives

/// The requests that wait, by their number.
///
/// A request that is answered at once never comes here.
final class ParkingLot: Sendable {
    private struct State {
        var requests: [UInt64: ParkedRequest] = [:]
        /// Interrupts of requests that were not here, the oldest first.
        var early: [UInt64] = []
    }

    /// So many interrupts are kept for requests that may come yet.
    private static let most = 64

    private let state = Locked(State())

    /// Requests that wait at present.
    var count: Int { state.withLock { $0.requests.count } }

    /// Lets a request wait.
    ///
    /// - Returns: The duty to answer, when it was interrupted before; else nil.
    func park(_ request: ParkedRequest) -> PendingReply? {
        let unique = request.question.unique
        let isInterrupted = state.withLock { state in
            if let index = state.early.firstIndex(of: unique) {
                state.early.remove(at: index)
                if request.mayBeInterrupted { return true }
            }
            state.requests[unique] = request
            return false
        }
        if isInterrupted { return request.claim() }
        return nil
    }

    /// Takes out the request with a number, whose reader was interrupted.
    ///
    /// - Returns: The duty to answer; nil when no such request waits, which is remembered in case it is about to.
    func interrupt(_ unique: UInt64) -> PendingReply? {
        state.withLock { state -> ParkedRequest? in
            if let request = state.requests[unique] {
                guard request.mayBeInterrupted else { return nil }
                state.requests[unique] = nil
                return request
            }
            if state.early.count == ParkingLot.most { state.early.removeFirst() }
            state.early.append(unique)
            return nil
        }?.claim()
    }

    /// Takes out a request that is to be answered now.
    ///
    /// - Returns: The duty to answer; nil when it was answered before.
    func claim(_ request: ParkedRequest) -> PendingReply? {
        let unique = request.question.unique
        state.withLock { if $0.requests[unique] === request { $0.requests[unique] = nil } }
        return request.claim()
    }

    /// Answers all with an error.
    func drain(_ error: Int32) {
        let all = state.withLock { state in
            defer { state.requests = [:] }
            return state.requests
        }
        for request in all.values {
            if let reply = request.claim() { reply.fail(error) }
        }
    }
}
