// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Primitives

/// A source of known bytes that delivers when the test says so, and counts what it was asked for.
final class HeldSource: BlobSource {
    private struct State {
        var asked: [Range<UInt64>] = []
        var held: [@Sendable (FetchError?) -> Void] = []
        var hurried: [Range<UInt64>] = []
        var isHolding: Bool
        /// Bytes of a unit, which are known once somebody has asked for the identity; nil when there are none.
        var unit: UInt64?
        var wasIdentified = false
    }

    let name = "held"
    let size: UInt64
    private let state: Locked<State>

    init(size: UInt64, isHolding: Bool = false, unit: UInt64? = nil) {
        self.size = size
        state = Locked(State(isHolding: isHolding, unit: unit))
    }

    /// The byte that the blob has at `offset`; never 0, so that a hole is never taken for data.
    static func byte(at offset: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: offset / 4096 &* 7 &+ offset) | 1 }

    var knowsUnits: Bool { state.withLock { $0.unit == nil || $0.wasIdentified } }

    func unitRange(covering range: Range<UInt64>) -> Range<UInt64> {
        guard let unit = state.withLock({ $0.wasIdentified ? $0.unit : nil }) else { return range }
        return range.lowerBound / unit * unit..<min(size, (range.upperBound + unit - 1) / unit * unit)
    }

    /// The ranges whose reads were hurried.
    var hurried: [Range<UInt64>] { state.withLock { $0.hurried } }

    /// The ranges that were asked for, in order.
    var asked: [Range<UInt64>] { state.withLock { $0.asked } }

    /// Delivers what is held, or fails it with `error`, and holds nothing any more.
    func release(_ error: FetchError? = nil) {
        let held = state.withLock { state in
            defer { state.held = [] }
            state.isHolding = false
            return state.held
        }
        for deliver in held { deliver(error) }
    }

    func identify(_ completion: @escaping @Sendable (Result<BlobIdentity, FetchError>) -> Void) {
        state.withLock { $0.wasIdentified = true }
        completion(.success(BlobIdentity(size: size)))
    }

    func read(
        _ range: Range<UInt64>, of identity: BlobIdentity, into target: any FetchTarget, priority: FetchPriority,
        _ completion: @escaping @Sendable (Result<Void, FetchError>) -> Void
    ) -> any FetchHandle {
        let deliver: @Sendable (FetchError?) -> Void = { error in
            if let error { return completion(.failure(error)) }
            do throws(FetchError) {
                try range.map { HeldSource.byte(at: $0) }.withUnsafeBytes { bytes in
                    Result { () throws(FetchError) in try target.receive(bytes) }
                }.get()
                completion(.success(()))
            } catch {
                completion(.failure(error))
            }
        }
        let isHeld = state.withLock { state in
            state.asked.append(range)
            if state.isHolding { state.held.append(deliver) }
            return state.isHolding
        }
        if !isHeld { deliver(nil) }
        return Handle(source: self, range: range)
    }

    private final class Handle: FetchHandle {
        private let source: HeldSource
        private let range: Range<UInt64>

        init(source: HeldSource, range: Range<UInt64>) {
            self.source = source
            self.range = range
        }

        func cancel() {}

        func hurry() { source.state.withLock { $0.hurried.append(range) } }
    }
}
