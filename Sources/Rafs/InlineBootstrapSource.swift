// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import BlobFetch
import Primitives

/// The bootstrap inside an inlined-metadata blob, as a source of its own: its bytes are the plain bootstrap's.
///
/// A cache in front of it makes the blob's tail needless next time.
package final class InlineBootstrapSource: BlobSource {
    package var name: String { blob.name }
    private let blob: any BlobSource
    /// The bootstrap, once it has been fetched; two first readers may both fetch it.
    private let fetched = Locked<[UInt8]?>(nil)

    /// The bootstrap of `blob`; nothing is fetched yet.
    package init(_ blob: any BlobSource) { self.blob = blob }

    package func identify(_ completion: @escaping @Sendable (Result<BlobIdentity, FetchError>) -> Void) {
        bytes { completion($0.map { BlobIdentity(size: UInt64($0.count)) }) }
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
        let count = UInt64(bytes.count)
        guard identity.size == count else {
            return .failure(.changed(source: name, reason: "its bootstrap has \(count) bytes"))
        }
        guard range.upperBound <= count else {
            return .failure(.badAnswer(source: name, reason: "its bootstrap has \(count) bytes"))
        }
        return target.receive(range, of: bytes)
    }

    private func bytes(_ completion: @escaping @Sendable (Result<[UInt8], FetchError>) -> Void) {
        if let known = fetched.withLock({ $0 }) { return completion(.success(known)) }
        InlineBootstrap.fetch(from: blob) { [self] result in
            if case .success(let bytes) = result { fetched.withLock { $0 = bytes } }
            completion(result)
        }
    }
}
