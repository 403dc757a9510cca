// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Primitives

/// Collects the bytes of one read of fixed length.
final class ReceivedBytes: FetchTarget, @unchecked Sendable {
    private let memory: UnsafeMutableRawBufferPointer
    private let source: String
    private let received = Locked(0)

    /// Room for `count` bytes; `source` names the sender in errors.
    init(count: Int, from source: String) {
        memory = .allocate(byteCount: max(count, 1), alignment: 64)
        self.source = source
        expected = count
    }

    private let expected: Int

    deinit { memory.deallocate() }

    func restart() { received.withLock { $0 = 0 } }

    func receive(_ bytes: UnsafeRawBufferPointer) throws(FetchError) {
        let fits = received.withLock { received in
            guard bytes.count <= expected - received else { return false }
            UnsafeMutableRawBufferPointer(rebasing: memory[received..<received + bytes.count]).copyMemory(from: bytes)
            received += bytes.count
            return true
        }
        guard fits else { throw .badAnswer(source: source, reason: "more bytes than asked for") }
    }

    /// Whether every byte has come.
    var isComplete: Bool { received.withLock { $0 } == expected }

    /// Lends `range` of the bytes, which must be complete; nil outside.
    func lend(_ range: Range<Int>) -> UnsafeRawBufferPointer? {
        guard range.lowerBound >= 0, range.upperBound <= expected else { return nil }
        return UnsafeRawBufferPointer(rebasing: memory[range])
    }

    /// A copy of all bytes.
    var copy: [UInt8] { Array(memory[..<expected]) }
}

extension BlobSource {
    /// Reads `range` into memory of its own.
    func collect(
        _ range: Range<UInt64>, of identity: BlobIdentity, priority: FetchPriority = .foreground,
        _ completion: @escaping @Sendable (Result<ReceivedBytes, FetchError>) -> Void
    ) -> any FetchHandle {
        let bytes = ReceivedBytes(count: range.count, from: name)
        let name = name
        return read(range, of: identity, into: bytes, priority: priority) { result in
            completion(
                result.flatMap {
                    guard bytes.isComplete else {
                        return .failure(.badAnswer(source: name, reason: "fewer bytes than asked for"))
                    }
                    return .success(bytes)
                })
        }
    }
}
