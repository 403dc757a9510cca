// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Primitives

/// A source that cannot be reached the first time it is asked who it is.
final class FailingOnceSource: BlobSource {
    let name = "failing"
    private let source: any BlobSource
    private let hasFailed = Locked(false)

    init(_ source: any BlobSource) { self.source = source }

    func identify(_ completion: @escaping @Sendable (Result<BlobIdentity, FetchError>) -> Void) {
        let mustFail = hasFailed.withLock { hasFailed in
            defer { hasFailed = true }
            return !hasFailed
        }
        guard mustFail else { return source.identify(completion) }
        completion(.failure(.unreachable(source: name, reason: "first time")))
    }

    func read(
        _ range: Range<UInt64>, of identity: BlobIdentity, into target: any FetchTarget, priority: FetchPriority,
        _ completion: @escaping @Sendable (Result<Void, FetchError>) -> Void
    ) -> any FetchHandle {
        source.read(range, of: identity, into: target, priority: priority, completion)
    }
}
