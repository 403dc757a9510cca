// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import BlobFetch
internal import Digests
internal import Primitives

/// The bootstrap of a RAFS image, which lies packed in a layer: fetched and unpacked whole when it is first asked for.
///
/// It is asked like any blob, so that a cache in front of it makes the layer's download needless next time.
package final class BootstrapSource: BlobSource {
    /// What is known of the bootstrap; what failed is tried again.
    private enum State {
        case absent
        case loading([@Sendable (Result<[UInt8], FetchError>) -> Void])
        case here([UInt8])
    }

    package let name: String
    /// The digest of the layer.
    private let digest: Digest
    private let load: @Sendable () -> Result<[UInt8], FetchError>
    private let state = Locked(State.absent)

    /// - Parameter load: Fetches, verifies and unpacks the layer; may block.
    init(
        name: String, layer digest: Digest, load: @escaping @Sendable () -> Result<[UInt8], FetchError>
    ) {
        self.name = name
        self.digest = digest
        self.load = load
    }

    package func identify(_ completion: @escaping @Sendable (Result<BlobIdentity, FetchError>) -> Void) {
        let validator = digest.description
        bytes { completion($0.map { BlobIdentity(size: UInt64($0.count), validator: validator) }) }
    }

    package func read(
        _ range: Range<UInt64>, of identity: BlobIdentity, into target: any FetchTarget, priority: FetchPriority,
        _ completion: @escaping @Sendable (Result<Void, FetchError>) -> Void
    ) -> any FetchHandle {
        bytes { [self] result in
            completion(result.flatMap { deliver($0, range, of: identity, into: target) })
        }
        return NothingToCancel()
    }

    private func deliver(
        _ bytes: [UInt8], _ range: Range<UInt64>, of identity: BlobIdentity, into target: any FetchTarget
    ) -> Result<Void, FetchError> {
        guard range.upperBound <= bytes.count, identity.size == bytes.count else {
            return .failure(.badAnswer(source: name, reason: "it has \(bytes.count) bytes"))
        }
        return target.receive(range, of: bytes)
    }

    /// Gives the bytes, on a thread of their own unless they are here already.
    private func bytes(_ completion: @escaping @Sendable (Result<[UInt8], FetchError>) -> Void) {
        let (known, mustStart) = state.withLock { state -> ([UInt8]?, Bool) in
            switch state {
            case .here(let bytes): return (bytes, false)
            case .loading(let others):
                state = .loading(others + [completion])
                return (nil, false)
            case .absent:
                state = .loading([completion])
                return (nil, true)
            }
        }
        if let known { return completion(.success(known)) }
        guard mustStart else { return }
        do throws(SystemError) {
            _ = try NamedThread("bootstrap") { [self] in settle(load()) }
        } catch {
            settle(.failure(.unreachable(source: name, reason: "no thread to fetch it with: \(error)")))
        }
    }

    private func settle(_ result: Result<[UInt8], FetchError>) {
        let waiting = state.withLock { state in
            var waiting: [@Sendable (Result<[UInt8], FetchError>) -> Void] = []
            if case .loading(let all) = state { waiting = all }
            if case .success(let bytes) = result { state = .here(bytes) } else { state = .absent }
            return waiting
        }
        for completion in waiting { completion(result) }
    }
}
