// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import BlobFetch

/// Which requests to one host run, and which wait for their turn.
///
/// The most urgent go first, and those that nobody waits for never take the last places: one stays free of read-ahead, and
/// half of them of background work.
package struct HostQueue<ID: Hashable & Sendable>: Sendable {
    private let limit: Int
    private var running: [ID: FetchPriority] = [:]
    private var waiting: [FetchPriority: [ID]] = [:]

    /// - Parameter limit: How many requests run at a time, at least 1.
    package init(limit: Int) { self.limit = max(1, limit) }

    /// How many requests run.
    package var runningCount: Int { running.count }

    /// Adds a request.
    package mutating func enqueue(_ id: ID, _ priority: FetchPriority) { waiting[priority, default: []].append(id) }

    /// Takes out the request that may start now; call until it gives nil.
    package mutating func next() -> ID? {
        for priority in [FetchPriority.foreground, .ahead, .background] {
            guard let id = waiting[priority]?.first else { continue }
            let others = running.values.count { $0 <= priority }
            guard running.count < limit, others < room(for: priority) else { return nil }
            waiting[priority]?.removeFirst()
            running[id] = priority
            return id
        }
        return nil
    }

    /// Removes a request, whether it runs or waits.
    package mutating func remove(_ id: ID) {
        guard running.removeValue(forKey: id) == nil else { return }
        for priority in waiting.keys { waiting[priority]?.removeAll { $0 == id } }
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
