// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Fscache
import Primitives

// What is told of a blob's fetches to those who watch the cache.
extension Blob {
    /// Tells that a range is asked for.
    ///
    /// - Returns: The number of the request.
    func tellFetch(_ range: Range<UInt64>, _ priority: FetchPriority) -> UInt32 {
        var event = cookie.event(.fetch, range)
        event.message = cookie.events.nextMessage()
        event.note = "\(priority)"
        cookie.events.tell(event)
        return event.message
    }

    /// Tells that a request was answered.
    func tellFetched(_ range: Range<UInt64>, _ message: UInt32, since began: MonotonicTime, _ error: FetchError?) {
        var event = cookie.event(.fetchDone, range)
        event.message = message
        event.latency = event.time &- began.nanoseconds
        event.error = error?.description
        cookie.events.tell(event)
    }

    /// Tells that the bytes of a unit were not those that the list of digests promises.
    func tellWrongDigest(_ range: Range<UInt64>) {
        var event = cookie.event(.coherency, range)
        event.note = "BAD dgst"
        cookie.events.tell(event)
    }
}
