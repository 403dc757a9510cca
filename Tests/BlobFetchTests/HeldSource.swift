// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Primitives

/// A source of known bytes that delivers when the test says so, and counts what it was asked for.
final class HeldSource: BlobSource {
    private struct State {
        var asked: [Range<UInt64>] = []
        var held: [@Sendable (FetchError?) -> Void] = []
        var isHolding: Bool
    }

    let name = "held"
    let size: UInt64
    private let state: Locked<State>

    init(size: UInt64, isHolding: Bool = false) {
        self.size = size
        state = Locked(State(isHolding: isHolding))
    }

    /// The byte that the blob has at `offset`; never 0, so that a hole is never taken for data.
    static func byte(at offset: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: offset / 4096 &* 7 &+ offset) | 1 }

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
        return NoHandle()
    }

    private final class NoHandle: FetchHandle {
        func cancel() {}
    }
}
