// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Synchronization

/// Counts bytes; from any thread.
final class ByteMeter: Sendable {
    private let count = Atomic<UInt64>(0)

    /// Bytes so far.
    var bytes: UInt64 { count.load(ordering: .relaxed) }

    func add(_ bytes: UInt64) { count.wrappingAdd(bytes, ordering: .relaxed) }
}

/// A source as it is, with a meter for what it delivers.
final class MeteredSource: BlobSource {
    let name: String
    private let source: any BlobSource
    private let meter: ByteMeter

    init(_ source: any BlobSource, _ meter: ByteMeter) {
        name = source.name
        self.source = source
        self.meter = meter
    }

    func identify(_ completion: @escaping @Sendable (Result<BlobIdentity, FetchError>) -> Void) {
        source.identify(completion)
    }

    func read(
        _ range: Range<UInt64>, of identity: BlobIdentity, into target: any FetchTarget, priority: FetchPriority,
        _ completion: @escaping @Sendable (Result<Void, FetchError>) -> Void
    ) -> any FetchHandle {
        source.read(range, of: identity, into: target, priority: priority) { [meter] result in
            if case .success = result { meter.add(UInt64(range.count)) }
            completion(result)
        }
    }

    func unitRange(covering range: Range<UInt64>) -> Range<UInt64> { source.unitRange(covering: range) }

    var knowsUnits: Bool { source.knowsUnits }
}
