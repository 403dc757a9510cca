// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Primitives

/// A blob source in memory that answers reads of a blob's start at once, and holds all others until it is told.
final class HeldSource: BlobSource {
    /// What is done with a read of the held part.
    enum Answer: Sendable {
        case deliver
        case fail(FetchError)
    }

    private struct Read: Sendable {
        let range: Range<UInt64>
        let target: any FetchTarget
        let completion: @Sendable (Result<Void, FetchError>) -> Void
    }

    private let bytes: [UInt8]
    private let heldFrom: UInt64
    private let held = Locked<[Read]>([])
    private let changed = Condition()

    init(_ bytes: [UInt8], heldFrom: UInt64) {
        self.bytes = bytes
        self.heldFrom = heldFrom
    }

    var name: String { "held" }

    func identify(_ completion: @escaping @Sendable (Result<BlobIdentity, FetchError>) -> Void) {
        completion(.success(BlobIdentity(size: UInt64(bytes.count))))
    }

    func read(
        _ range: Range<UInt64>, of identity: BlobIdentity, into target: any FetchTarget, priority: FetchPriority,
        _ completion: @escaping @Sendable (Result<Void, FetchError>) -> Void
    ) -> any FetchHandle {
        let read = Read(range: range, target: target, completion: completion)
        if range.upperBound <= heldFrom {
            answer(read, .deliver)
        } else {
            held.withLock { $0.append(read) }
            changed.broadcast()
        }
        return Handle()
    }

    /// Waits until a read is held, and answers all that are.
    ///
    /// - Returns: How many there were; 0 after a minute in vain.
    func answerHeld(_ answer: Answer) -> Int {
        let reads = waitForHeld(removing: true)
        for read in reads { self.answer(read, answer) }
        return reads.count
    }

    /// Whether a read is held now.
    var hasHeld: Bool { held.withLock { !$0.isEmpty } }

    /// Waits until a read is held.
    func waitUntilHeld() -> Bool { !waitForHeld(removing: false).isEmpty }

    private func waitForHeld(removing: Bool) -> [Read] {
        let deadline = MonotonicTime.now.advanced(milliseconds: 60_000)
        return held.withLock(waitingOn: changed) { held, waiter in
            while held.isEmpty, waiter.wait(for: &held, until: deadline) {}
            defer { if removing { held = [] } }
            return held
        }
    }

    /// Completions come on a thread of the source's own.
    private func answer(_ read: Read, _ answer: Answer) {
        let bytes = bytes
        _ = try? NamedThread("held source") {
            switch answer {
            case .fail(let error): read.completion(.failure(error))
            case .deliver:
                do throws(FetchError) {
                    try HeldSource.deliver(
                        bytes[Int(read.range.lowerBound)..<Int(read.range.upperBound)], to: read.target)
                    read.completion(.success(()))
                } catch {
                    read.completion(.failure(error))
                }
            }
        }
    }

    private static func deliver(_ bytes: ArraySlice<UInt8>, to target: any FetchTarget) throws(FetchError) {
        var failure: FetchError?
        bytes.withUnsafeBytes { bytes in
            do throws(FetchError) { try target.receive(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Reads are not given up: what arrives late is kept all the same.
    private final class Handle: FetchHandle {
        func cancel() {}
    }
}
