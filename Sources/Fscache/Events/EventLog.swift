// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives
import Synchronization

/// What happens in a cache, for whoever wants to watch it live.
///
/// One for each `Cache`. Any thread may use it. While nobody watches, a read that hits pays one relaxed load; what is
/// rare (requests for missing bytes and their answers) is remembered all the same, so that a watcher who comes late can
/// see what went before.
public final class EventLog: Sendable {
    private struct State {
        var watches: [EventWatch] = []
        /// The latest rare events, used as a ring once it is full.
        var history: [CacheEvent] = []
        var oldest = 0
        /// The numbers of the objects that are open in this process, by the inode numbers of their files.
        var objects: [UInt64: UInt32] = [:]
        var isClosed = false
    }

    /// Rare events that are remembered.
    public static let historyLength = 512
    /// Watchers at the same time; each costs an event's reader a lock.
    public static let watcherLimit = 16

    private let watcherCount = Atomic<Int>(0)
    private let lastMessage = Atomic<UInt32>(0)
    private let lastObject = Atomic<UInt32>(0)
    private let state = Locked(State())

    init() {}

    /// Whether anybody watches.
    @inline(__always) public var isWatched: Bool { watcherCount.load(ordering: .relaxed) > 0 }

    /// Begins to watch; nil when too many do already, or the log is closed.
    ///
    /// - Parameters:
    ///   - capacity: Events that wait for a slow watcher; later ones are dropped, and counted.
    ///   - history: Whether the rare events of before come first.
    public func watch(capacity: Int = 8192, history: Bool = false) -> EventWatch? {
        let watch = EventWatch(log: self, capacity: capacity)
        return state.withLock { state in
            guard !state.isClosed, state.watches.count < EventLog.watcherLimit else { return nil }
            if history {
                for event in state.history[state.oldest...] + state.history[..<state.oldest] { watch.take(event) }
            }
            state.watches.append(watch)
            watcherCount.store(state.watches.count, ordering: .relaxed)
            return watch
        }
    }

    /// Says that nothing will happen any more: watchers get what waits for them, and then the end.
    public func close() {
        let watches = state.withLock { state in
            state.isClosed = true
            watcherCount.store(0, ordering: .relaxed)
            defer { state.watches = [] }
            return state.watches
        }
        for watch in watches { watch.end() }
    }

    func forget(_ watch: EventWatch) {
        state.withLock { state in
            state.watches.removeAll { $0 === watch }
            watcherCount.store(state.watches.count, ordering: .relaxed)
        }
    }

    /// Tells the watchers of an event.
    ///
    /// - Parameter isRare: Whether it is remembered for watchers that come later.
    package func tell(_ event: CacheEvent, isRare: Bool = true) {
        guard isRare || isWatched else { return }
        state.withLock { state in
            for watch in state.watches { watch.take(event) }
            guard isRare else { return }
            if state.history.count < EventLog.historyLength { return state.history.append(event) }
            state.history[state.oldest] = event
            state.oldest = (state.oldest + 1) % EventLog.historyLength
        }
    }

    /// A number for a request.
    package func nextMessage() -> UInt32 { lastMessage.wrappingAdd(1, ordering: .relaxed).newValue }

    /// A number for an object that is opened; `inode` is its file's.
    func openObject(_ inode: UInt64) -> UInt32 {
        let number = lastObject.wrappingAdd(1, ordering: .relaxed).newValue
        state.withLock { $0.objects[inode] = number }
        return number
    }

    /// Forgets an object that is closed.
    func closeObject(_ inode: UInt64, _ number: UInt32) {
        state.withLock { if $0.objects[inode] == number { $0.objects[inode] = nil } }
    }

    /// The number of an object that is open in this process; 0 for any other.
    func object(_ inode: UInt64) -> UInt32 { state.withLock { $0.objects[inode] ?? 0 } }
}
