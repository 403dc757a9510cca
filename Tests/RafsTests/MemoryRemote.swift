// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Primitives

/// A remote whose blobs lie in memory; counts what is read.
final class MemoryRemote: BlobRemote {
    let name = "memory"
    private let blobs: [String: [UInt8]]
    let reads = Locked<[Range<UInt64>]>([])

    init(_ blobs: [String: [UInt8]]) { self.blobs = blobs }

    func source(for blob: String) throws(FetchError) -> any BlobSource {
        guard let bytes = blobs[blob] else { throw .notFound(source: name, reason: blob) }
        return MemorySource(bytes, remote: self)
    }
}

/// A blob in memory; hands its bytes over in pieces, after one false start.
final class MemorySource: BlobSource {
    let name = "memory"
    private let bytes: [UInt8]
    private let remote: MemoryRemote

    init(_ bytes: [UInt8], remote: MemoryRemote) {
        self.bytes = bytes
        self.remote = remote
    }

    func identify(_ completion: @escaping @Sendable (Result<BlobIdentity, FetchError>) -> Void) {
        completion(.success(BlobIdentity(size: UInt64(bytes.count))))
    }

    func read(
        _ range: Range<UInt64>, of identity: BlobIdentity, into target: any FetchTarget, priority: FetchPriority,
        _ completion: @escaping @Sendable (Result<Void, FetchError>) -> Void
    ) -> any FetchHandle {
        remote.reads.withLock { $0.append(range) }
        guard range.upperBound <= UInt64(bytes.count) else {
            completion(.failure(.badAnswer(source: name, reason: "range")))
            return Nothing()
        }
        let wanted = bytes[Int(range.lowerBound)..<Int(range.upperBound)]
        do throws(FetchError) {
            try Self.hand(wanted.prefix(100), to: target)
            target.restart()
            var rest = wanted
            while !rest.isEmpty {
                try Self.hand(rest.prefix(5000), to: target)
                rest = rest.dropFirst(5000)
            }
            completion(.success(()))
        } catch {
            completion(.failure(error))
        }
        return Nothing()
    }

    private static func hand(_ bytes: ArraySlice<UInt8>, to target: any FetchTarget) throws(FetchError) {
        var failure: FetchError?
        bytes.withUnsafeBytes { raw in
            do throws(FetchError) { try target.receive(raw) } catch { failure = error }
        }
        if let failure { throw failure }
    }
}

private final class Nothing: FetchHandle {
    func cancel() {}
}

/// Collects what a read delivers, and has room for what it makes, as the memory of a flight does.
final class Collected: FetchTarget, @unchecked Sendable {
    private let memory: UnsafeMutableRawBufferPointer
    private var count = 0
    var bytes: [UInt8] { Array(memory[..<count]) }

    init(capacity: Int) { memory = .allocate(byteCount: max(1, capacity), alignment: 16) }

    deinit { memory.deallocate() }

    func restart() { count = 0 }

    func receive(_ bytes: UnsafeRawBufferPointer) throws(FetchError) {
        guard let room = room(for: bytes.count) else { throw .badAnswer(source: "test", reason: "too much") }
        room.copyMemory(from: bytes)
        count += bytes.count
    }

    func room(for count: Int) -> UnsafeMutableRawBufferPointer? {
        guard count <= memory.count - self.count else { return nil }
        return UnsafeMutableRawBufferPointer(rebasing: memory[self.count..<self.count + count])
    }

    func filled(_ count: Int) { self.count += count }
}

extension BlobSource {
    /// Identifies the blob, as a mount does first.
    func identity() async throws -> BlobIdentity {
        try await withCheckedContinuation { continuation in identify { continuation.resume(returning: $0) } }.get()
    }

    /// The bytes of `range`.
    func bytes(_ range: Range<UInt64>, of identity: BlobIdentity) async throws -> [UInt8] {
        let target = Collected(capacity: range.count)
        let result: Result<Void, FetchError> = await withCheckedContinuation { continuation in
            _ = read(range, of: identity, into: target, priority: .foreground) { continuation.resume(returning: $0) }
        }
        try result.get()
        return target.bytes
    }
}
