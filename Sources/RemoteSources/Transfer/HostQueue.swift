// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Which requests to one host run, and which wait for their turn.
///
/// Foreground requests go first, and background ones never take the last places.
package struct HostQueue<ID: Hashable & Sendable>: Sendable {
    private let limit: Int
    private var running: [ID: Bool] = [:]
    private var foreground: [ID] = []
    private var background: [ID] = []

    /// - Parameter limit: How many requests run at a time, at least 1.
    package init(limit: Int) { self.limit = max(1, limit) }

    /// How many requests run.
    package var runningCount: Int { running.count }
    private var runningBackground: Int { running.values.count { $0 } }
    private var backgroundLimit: Int { max(1, limit / 2) }

    /// Adds a request.
    package mutating func enqueue(_ id: ID, background isBackground: Bool) {
        if isBackground { background.append(id) } else { foreground.append(id) }
    }

    /// Takes out the request that may start now; call until it gives nil.
    package mutating func next() -> ID? {
        guard running.count < limit else { return nil }
        if !foreground.isEmpty {
            let id = foreground.removeFirst()
            running[id] = false
            return id
        }
        guard !background.isEmpty, runningBackground < backgroundLimit else { return nil }
        let id = background.removeFirst()
        running[id] = true
        return id
    }

    /// Removes a request, whether it runs or waits.
    package mutating func remove(_ id: ID) {
        guard running.removeValue(forKey: id) == nil else { return }
        foreground.removeAll { $0 == id }
        background.removeAll { $0 == id }
    }
}
