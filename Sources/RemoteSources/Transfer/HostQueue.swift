// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import BlobFetch

/// Which requests to one host run, and which wait for their turn.
///
/// The most urgent go first, and those that nobody waits for never take the last places: one stays free of read-ahead, and
/// half of them of background work. Nor do they ask for more bytes at a time than they are allowed, because who comes
/// to wait meanwhile gets the link only behind those.
package struct HostQueue<ID: Hashable & Sendable>: Sendable {
    private struct Request {
        let id: ID
        /// Bytes that are asked for.
        let bytes: UInt64
    }

    /// So many requests that nobody waits for always may run, whatever their bytes: while one of them is asked for, another
    /// one's bytes come.
    package static var leastAhead: Int { 3 }

    private let limit: Int
    private var running: [ID: (priority: FetchPriority, bytes: UInt64)] = [:]
    private var waiting: [FetchPriority: [Request]] = [:]

    /// - Parameter limit: How many requests run at a time, at least 1.
    package init(limit: Int) { self.limit = max(1, limit) }

    /// How many requests run.
    package var runningCount: Int { running.count }

    /// Whether a request waits that nobody waits for.
    package var hasMoreAhead: Bool { waiting[.ahead]?.isEmpty == false || waiting[.background]?.isEmpty == false }

    /// Adds a request for so many bytes.
    package mutating func enqueue(_ id: ID, _ priority: FetchPriority, bytes: UInt64 = 0) {
        waiting[priority, default: []].append(Request(id: id, bytes: bytes))
    }

    /// Takes out the request that may start now; call until it gives nil.
    ///
    /// - Parameter allowance: Bytes that may be under way for requests that nobody waits for.
    package mutating func next(allowance: UInt64 = .max) -> ID? {
        for priority in [FetchPriority.foreground, .ahead, .background] {
            guard let request = waiting[priority]?.first else { continue }
            guard mayRun(request, priority, allowance) else { return nil }
            waiting[priority]?.removeFirst()
            running[request.id] = (priority, request.bytes)
            return request.id
        }
        return nil
    }

    /// Somebody has come to wait for a request.
    package mutating func hurry(_ id: ID) {
        if let bytes = running[id]?.bytes {
            running[id] = (.foreground, bytes)
            return
        }
        for priority in [FetchPriority.ahead, .background] {
            guard let index = waiting[priority]?.firstIndex(where: { $0.id == id }),
                let request = waiting[priority]?.remove(at: index)
            else { continue }
            waiting[.foreground, default: []].append(request)
        }
    }

    /// Removes a request, whether it runs or waits.
    package mutating func remove(_ id: ID) {
        guard running.removeValue(forKey: id) == nil else { return }
        for priority in waiting.keys { waiting[priority]?.removeAll { $0.id == id } }
    }

    private func mayRun(_ request: Request, _ priority: FetchPriority, _ allowance: UInt64) -> Bool {
        let others = running.values.count { $0.priority <= priority }
        guard running.count < limit, others < room(for: priority) else { return false }
        guard priority < .foreground else { return true }
        let ahead = running.values.filter { $0.priority < .foreground }
        let bytes = ahead.reduce(request.bytes) { $0 &+ $1.bytes }
        return ahead.count < HostQueue.leastAhead || bytes <= allowance
    }

    /// How many requests of this or lesser urgency may run.
    private func room(for priority: FetchPriority) -> Int {
        switch priority {
        case .foreground: limit
        case .ahead: max(1, limit - 1)
        case .background: max(1, limit / 2)
        }
    }
}
