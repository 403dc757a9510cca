// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobFetch
internal import Primitives

/// One blob at several places that are tried in order; the first that works is asked first from then on.
final class FallbackSource: BlobSource {
    let name: String
    private let sources: [any BlobSource]
    private let preferred = Locked(0)

    /// - Parameter sources: At least one; the last is the blob's proper place and gives the name.
    init?(_ sources: [any BlobSource]) {
        guard let last = sources.last else { return nil }
        name = last.name
        self.sources = sources
    }

    func identify(_ completion: @escaping @Sendable (Result<BlobIdentity, FetchError>) -> Void) {
        identify(order()[...], completion)
    }

    func read(
        _ range: Range<UInt64>, of identity: BlobIdentity, into target: any FetchTarget, priority: FetchPriority,
        _ completion: @escaping @Sendable (Result<Void, FetchError>) -> Void
    ) -> any FetchHandle {
        let read = FallbackRead(target: target, completion: completion) { index, next in
            self.sources[index].read(range, of: identity, into: target, priority: priority, next)
        } worked: {
            self.prefer($0)
        }
        read.start(order())
        return read
    }

    private func order() -> [Int] {
        let first = preferred.withLock { $0 }
        return [first] + sources.indices.filter { $0 != first }
    }

    private func prefer(_ index: Int) { preferred.withLock { $0 = index } }

    private func identify(
        _ order: ArraySlice<Int>, _ completion: @escaping @Sendable (Result<BlobIdentity, FetchError>) -> Void
    ) {
        guard let index = order.first else { return }
        sources[index].identify { result in
            switch result {
            case .failure(let error) where error.mayTryElsewhere && order.count > 1:
                self.identify(order.dropFirst(), completion)
            case .success:
                self.prefer(index)
                completion(result)
            case .failure: completion(result)
            }
        }
    }
}

/// One read that goes from source to source.
private final class FallbackRead: FetchHandle {
    /// Starts the read at the source of that index.
    typealias Attempt = @Sendable (Int, @escaping @Sendable (Result<Void, FetchError>) -> Void) -> any FetchHandle

    private let target: any FetchTarget
    private let completion: @Sendable (Result<Void, FetchError>) -> Void
    private let attempt: Attempt
    private let worked: @Sendable (Int) -> Void
    private let relay = HandleRelay()

    /// A read that has not begun.
    init(
        target: any FetchTarget, completion: @escaping @Sendable (Result<Void, FetchError>) -> Void,
        attempt: @escaping Attempt, worked: @escaping @Sendable (Int) -> Void
    ) {
        self.target = target
        self.completion = completion
        self.attempt = attempt
        self.worked = worked
    }

    /// Goes through the sources in this order.
    func start(_ order: [Int]) { tryFirst(of: order[...]) }

    func cancel() { relay.cancel() }

    func hurry() { relay.hurry() }

    private func tryFirst(of order: ArraySlice<Int>) {
        guard let index = order.first else { return }
        let handle = attempt(index) { result in
            switch result {
            case .failure(let error) where error.mayTryElsewhere && order.count > 1:
                guard !self.relay.isCancelled else { return self.completion(.failure(.cancelled)) }
                self.target.restart()
                self.tryFirst(of: order.dropFirst())
            case .success:
                self.worked(index)
                self.completion(result)
            case .failure: self.completion(result)
            }
        }
        relay.pass(on: handle)
    }
}
