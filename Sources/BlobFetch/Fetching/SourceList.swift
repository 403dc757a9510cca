// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The sources of one blob, in the order in which they are asked, and what is known of them.
///
/// The source that answered last is asked first; one that fails makes way for the next.
final class SourceList: Sendable {
    private struct State {
        var identities: [BlobIdentity?]
        var preferred = 0
    }

    let sources: [any BlobSource]
    private let blobName: String
    private let state: Locked<State>

    init(_ sources: [any BlobSource], blobName: String) {
        self.sources = sources
        self.blobName = blobName
        state = Locked(State(identities: sources.map { _ in nil }))
    }

    /// The smallest range that every source can deliver.
    func unitRange(covering range: Range<UInt64>) -> Range<UInt64> {
        sources.reduce(range) { $1.unitRange(covering: $0) }
    }

    /// Whether some source knows its units.
    var knowsUnits: Bool { sources.isEmpty || sources.contains(where: \.knowsUnits) }

    /// Bytes that were moved so far; nil when these are the ones that were delivered.
    var movedBytes: UInt64? {
        let counts = sources.compactMap(\.movedBytes)
        return counts.isEmpty ? nil : counts.reduce(0, &+)
    }

    /// Learns the blob's identity from the first source that answers.
    func identify(_ completion: @escaping @Sendable (Result<BlobIdentity, FetchError>) -> Void) {
        tryEach { [self] index, next in
            identity(of: index, next)
        } _: {
            completion($0)
        }
    }

    /// Reads `range` from the first source that delivers it and has a blob of `size` bytes.
    ///
    /// - Parameter relay: Gets to know each read, to hurry it.
    func read(
        _ range: Range<UInt64>, size: UInt64, validator: String?, priority: FetchPriority, relay: HandleRelay,
        _ completion: @escaping @Sendable (Result<FlightTarget, FetchError>) -> Void
    ) {
        tryEach { [self] (index, next: @escaping @Sendable (Result<FlightTarget, FetchError>) -> Void) in
            identity(of: index) { [self] answer in
                let identity: BlobIdentity
                switch answer {
                case .failure(let error): return next(.failure(error))
                case .success(let known): identity = known
                }
                let source = sources[index]
                guard identity.size == size,
                    validator == nil || identity.validator == nil || identity.validator == validator
                else {
                    let reason = "it has \(identity.size) bytes and identity \(identity.validator ?? "unknown") now"
                    forget(index)
                    return next(.failure(.changed(source: source.name, reason: reason)))
                }
                let target = FlightTarget(bytes: range.count, source: source.name)
                let handle = source.read(range, of: identity, into: target, priority: priority) { [self] result in
                    if case .failure(.changed) = result { forget(index) }
                    next(result.map { target })
                }
                relay.pass(on: handle)
            }
        } _: {
            completion($0)
        }
    }

    private func identity(
        of index: Int, _ completion: @escaping @Sendable (Result<BlobIdentity, FetchError>) -> Void
    ) {
        if let known = state.withLock({ $0.identities[index] }) { return completion(.success(known)) }
        sources[index].identify { [self] result in
            if case .success(let identity) = result { state.withLock { $0.identities[index] = identity } }
            completion(result)
        }
    }

    /// Asks a changed source again next time: it may have its old blob back then.
    private func forget(_ index: Int) { state.withLock { $0.identities[index] = nil } }

    /// Does `attempt` with one source after the other until one succeeds; the error is the last one's.
    private func tryEach<Value: Sendable>(
        _ attempt: @escaping @Sendable (Int, @escaping @Sendable (Result<Value, FetchError>) -> Void) -> Void,
        _ completion: @escaping @Sendable (Result<Value, FetchError>) -> Void
    ) {
        guard !sources.isEmpty else { return completion(.failure(.offline(source: blobName))) }
        tryNext(attempt, turn: 0, first: state.withLock { $0.preferred }, completion)
    }

    private func tryNext<Value: Sendable>(
        _ attempt: @escaping @Sendable (Int, @escaping @Sendable (Result<Value, FetchError>) -> Void) -> Void,
        turn: Int, first: Int, _ completion: @escaping @Sendable (Result<Value, FetchError>) -> Void
    ) {
        let index = (first + turn) % sources.count
        attempt(index) { [self] result in
            switch result {
            case .success:
                if turn > 0 { state.withLock { $0.preferred = index } }
                completion(result)
            case .failure(let error) where error.mayTryElsewhere && turn + 1 < sources.count:
                tryNext(attempt, turn: turn + 1, first: first, completion)
            case .failure: completion(result)
            }
        }
    }
}
