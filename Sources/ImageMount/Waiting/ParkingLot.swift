// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import FUSE
import Primitives

/// The requests that wait, by their number.
///
/// A request that is answered at once never comes here.
final class ParkingLot: Sendable {
    private let requests = Locked<[UInt64: ParkedRequest]>([:])

    /// Requests that wait at present.
    var count: Int { requests.withLock { $0.count } }

    func park(_ request: ParkedRequest) { requests.withLock { $0[request.question.unique] = request } }

    /// Takes out a request that is to be answered now.
    ///
    /// - Returns: The duty to answer; nil when it was answered before.
    func claim(_ request: ParkedRequest) -> PendingReply? {
        let unique = request.question.unique
        requests.withLock { if $0[unique] === request { $0[unique] = nil } }
        return request.claim()
    }

    /// Takes out the request with a number; nil when none waits under it.
    func claim(unique: UInt64) -> PendingReply? {
        requests.withLock { $0.removeValue(forKey: unique) }?.claim()
    }

    /// Answers all with an error.
    func drain(_ error: Int32) {
        let all = requests.withLock { requests in
            defer { requests = [:] }
            return requests
        }
        for request in all.values {
            if let reply = request.claim() { reply.fail(error) }
        }
    }
}
