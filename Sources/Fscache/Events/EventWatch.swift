// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives

/// One who watches an `EventLog`: a queue of events of bounded length.
///
/// Those to whom things happen never wait for a watcher: when its queue is full, events are dropped and counted.
public final class EventWatch: Sendable {
    /// What a watcher gets at once.
    public struct Batch: Equatable, Sendable {
        /// The events since the last batch, in their order; empty when the time was up.
        public var events: [CacheEvent] = []
        /// Events that came behind these and were dropped, because the watcher was too slow.
        public var dropped: UInt64 = 0
    }

    private struct State {
        var batch = Batch()
        var isEnded = false
    }

    private let state = Locked(State())
    private let changed = Condition()
    private let capacity: Int
    private let log: EventLog

    init(log: EventLog, capacity: Int) {
        self.log = log
        self.capacity = max(1, capacity)
    }

    /// Waits for events, at most `milliseconds`; nil when there will be none any more.
    public func next(milliseconds: UInt64) -> Batch? {
        let deadline = MonotonicTime.now.advanced(milliseconds: milliseconds)
        return state.withLock(waitingOn: changed) { state, waiter in
            while state.batch.events.isEmpty, !state.isEnded, waiter.wait(for: &state, until: deadline) {}
            if state.batch.events.isEmpty, state.isEnded { return nil }
            defer { state.batch = Batch() }
            return state.batch
        }
    }

    /// Stops watching.
    public func cancel() {
        log.forget(self)
        end()
    }

    func take(_ event: CacheEvent) {
        let isFirst = state.withLock { state in
            guard state.batch.events.count < capacity else {
                state.batch.dropped += 1
                return false
            }
            state.batch.events.append(event)
            return state.batch.events.count == 1
        }
        if isFirst { changed.signal() }
    }

    func end() {
        state.withLock { $0.isEnded = true }
        changed.broadcast()
    }
}
