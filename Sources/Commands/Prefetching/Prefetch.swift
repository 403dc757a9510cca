// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Primitives

/// Fetches parts of blobs ahead of readers, on a thread of its own, in the order given.
final class Prefetch: Sendable {
    /// How far it is.
    struct Progress: Codable, Equatable {
        /// Bytes of the plan, how many of them are there, and in how many parts fetching failed.
        var plannedBytes: UInt64
        var doneBytes: UInt64 = 0
        var failures: UInt64 = 0
        /// Milliseconds from the start to the end, or until now.
        var milliseconds: UInt64 = 0
        var isDone = false
    }

    /// How it goes about.
    struct Pace: Equatable {
        var priority: FetchPriority
        /// Parts that are under way at a time.
        var parallel: Int
        /// Bytes a second at most; nil for no limit.
        var rate: UInt64?
    }

    /// Part of a blob to fetch.
    private typealias Part = (blob: Blob, range: Range<UInt64>)

    private struct State {
        var progress = Progress(plannedBytes: 0)
        var underWay = 0
        /// Bytes that had to be fetched, for the rate.
        var begunBytes: UInt64 = 0
        var isStopped = false
    }

    /// The longest part that is asked for at once: a reader who wants its first byte waits for all of it.
    static let step: UInt64 = 256 << 10

    private let pace: Pace
    private let started = MonotonicTime.now
    private let state = Locked(State())
    private let changed = Condition()

    /// Begins at once; ends when all is there or after ``stop()``.
    ///
    /// - Parameter plan: Says what to fetch, on the prefetch's own thread, and so may take its time; parts of blobs that
    ///   the image does not have are left out.
    init(of blobs: [Blob], pace: Pace, _ plan: @escaping @Sendable () -> [Touch]) throws(SystemError) {
        self.pace = pace
        _ = try NamedThread("prefetch") { [self] in
            run(
                plan().flatMap { touch in
                    blobs.first { $0.name == touch.blob }.map { Prefetch.cut(touch.range, of: $0) } ?? []
                })
        }
    }

    /// All of some blobs.
    static func everything(of blobs: [Blob]) -> [Touch] { blobs.map { Touch(blob: $0.name, range: 0..<$0.size) } }

    /// How far it is; from any thread.
    var progress: Progress {
        var progress = state.withLock { $0.progress }
        if !progress.isDone { progress.milliseconds = started.milliseconds(until: .now) }
        return progress
    }

    /// Begins nothing more.
    func stop() {
        state.withLock { $0.isStopped = true }
        changed.broadcast()
    }

    private static func cut(_ range: Range<UInt64>, of blob: Blob) -> [Part] {
        let range = range.clamped(to: 0..<blob.size)
        return stride(from: range.lowerBound, to: range.upperBound, by: Int(step)).map {
            (blob, $0..<min(range.upperBound, $0 + step))
        }
    }

    private func run(_ parts: [Part]) {
        state.withLock { $0.progress.plannedBytes = parts.reduce(0) { $0 + UInt64($1.range.count) } }
        for (blob, range) in parts {
            guard waitForTurn() else { return }
            let count = UInt64(range.count)
            let ticket = blob.ensure(range, priority: pace.priority) { [self] in finished(count, $0) }
            guard ticket != nil else {
                finished(count, nil)
                continue
            }
            state.withLock { $0.begunBytes &+= count }
            waitForRate()
        }
        waitForAll()
    }

    /// - Returns: False when it was stopped.
    private func waitForTurn() -> Bool {
        state.withLock(waitingOn: changed) { state, waiter in
            while state.underWay >= pace.parallel, !state.isStopped { waiter.wait(for: &state) }
            state.underWay += 1
            return !state.isStopped
        }
    }

    /// Waits until what was fetched so far fits the rate; the wait ends early when the prefetch is stopped.
    private func waitForRate() {
        guard let rate = pace.rate, rate > 0 else { return }
        state.withLock(waitingOn: changed) { state, waiter in
            let due = started.advanced(
                milliseconds: state.begunBytes.multipliedReportingOverflow(by: 1000).partialValue / rate)
            while !state.isStopped, MonotonicTime.now < due { _ = waiter.wait(for: &state, until: due) }
        }
    }

    private func waitForAll() {
        let elapsed: @Sendable () -> UInt64 = { [started] in started.milliseconds(until: .now) }
        state.withLock(waitingOn: changed) { state, waiter in
            while state.underWay > 0, !state.isStopped { waiter.wait(for: &state) }
            state.progress.isDone = state.underWay == 0
            state.progress.milliseconds = elapsed()
        }
    }

    private func finished(_ bytes: UInt64, _ error: FetchError?) {
        state.withLock { state in
            state.underWay -= 1
            if error == nil { state.progress.doneBytes += bytes } else { state.progress.failures += 1 }
        }
        changed.broadcast()
    }
}
