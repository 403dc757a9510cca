// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Primitives
import RemoteSources

/// Collects the bytes of one read.
final class CollectingTarget: FetchTarget {
    private let collected = Locked([UInt8]())

    var bytes: [UInt8] { collected.withLock { $0 } }

    func restart() { collected.withLock { $0 = [] } }

    func receive(_ bytes: UnsafeRawBufferPointer) throws(FetchError) {
        collected.withLock { $0.append(contentsOf: bytes) }
    }
}

/// A value that one thread sets once, and another waits for.
final class Promise<Value: Sendable>: Sendable {
    private let value = Locked<Value?>(nil)
    private let changed = Condition()

    func set(_ new: Value) {
        value.withLock { $0 = new }
        changed.broadcast()
    }

    /// Waits for the value, at most a minute.
    func wait() -> Value? {
        let limit = MonotonicTime.now.advanced(milliseconds: 60_000)
        return value.withLock(waitingOn: changed) { value, waiter in
            while value == nil, waiter.wait(for: &value, until: limit) {}
            return value
        }
    }
}

struct NoAnswer: Error {}

extension BlobSource {
    func identity() throws -> BlobIdentity {
        let promise = Promise<Result<BlobIdentity, FetchError>>()
        identify { promise.set($0) }
        guard let result = promise.wait() else { throw NoAnswer() }
        return try result.get()
    }

    func bytes(_ range: Range<UInt64>, of identity: BlobIdentity, _ priority: FetchPriority = .foreground) throws
        -> [UInt8]
    {
        let promise = Promise<Result<Void, FetchError>>()
        let target = CollectingTarget()
        _ = read(range, of: identity, into: target, priority: priority) { promise.set($0) }
        guard let result = promise.wait() else { throw NoAnswer() }
        try result.get()
        return target.bytes
    }
}

/// Settings that make failing quick: pauses of a millisecond between attempts.
func quickSettings() -> RemoteSettings {
    var settings = RemoteSettings()
    settings.transfer.retry.firstPause = 1
    settings.transfer.retry.longestPause = 2
    settings.transfer.transport.stallTimeout = 60_000
    settings.transfer.transport.proxy = .none
    settings.transfer.jitter = { 0.5 }
    return settings
}

/// Bytes that differ from place to place.
func pattern(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) } }

/// A counter that scripts share.
final class Counter: Sendable {
    private let count = Locked(0)

    /// Adds one and gives the new value.
    @discardableResult func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }

    var value: Int { count.withLock { $0 } }
}
