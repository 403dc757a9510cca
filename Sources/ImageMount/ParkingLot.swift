// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import FUSE
import Glibc
import ImageReader
import Primitives

/// The requests that could not be answered at once: each waits for bytes or for a worker, and is answered from there.
///
/// So the serving thread never waits, and hits, listings and unmounting go on while a server is slow.
final class ParkingLot: Sendable {
    private let answers: Answers
    private let workers: WorkerPool
    private let requests = Locked<[UInt64: ParkedRequest]>([:])
    private let failed: @Sendable (ReadError) -> Int32

    /// - Parameter failed: Makes the error number of a failure, and reports it.
    init(_ answers: Answers, workers: WorkerPool, failed: @escaping @Sendable (ReadError) -> Int32) {
        self.answers = answers
        self.workers = workers
        self.failed = failed
    }

    /// Requests that wait at this moment.
    var count: Int { requests.withLock { $0.count } }

    /// Takes a request that needs bytes which are not there.
    func park(_ operation: Operation, _ reply: consuming PendingReply, missing: MissingBytes) {
        let request = ParkedRequest(operation, reply)
        requests.withLock { $0[request.unique] = request }
        fetch(missing, for: request)
    }

    /// Takes a request that would make the serving thread wait for a disk or a decoder.
    func delegate(_ operation: Operation, _ reply: consuming PendingReply) {
        let request = ParkedRequest(operation, reply)
        requests.withLock { $0[request.unique] = request }
        redo(request)
    }

    /// The reader of a request was killed, or has lost interest: it must not wait any longer.
    func interrupt(_ unique: UInt64) {
        requests.withLock { $0.removeValue(forKey: unique) }?.fail(EINTR)
    }

    /// Answers all that wait with an error, at the end of the mount.
    func failAll(_ code: Int32) {
        let all = requests.withLock { requests in
            defer { requests = [:] }
            return Array(requests.values)
        }
        for request in all { request.fail(code) }
    }

    private func fetch(_ missing: MissingBytes, for request: ParkedRequest) {
        do throws(ReadError) {
            try request.note(missing)
        } catch {
            return finish(request, error)
        }
        let ticket = answers.reader.provide(missing) { [self] error in
            if let error { finish(request, error) } else { redo(request) }
        }
        request.waits(on: ticket)
    }

    private func redo(_ request: ParkedRequest) {
        workers.run { [self] buffer in
            guard request.isWaiting else { return }
            do throws(ReadError) {
                switch try request.redo(answers, into: buffer) {
                case .reply: request.succeed(buffer)
                case .fail(let code): request.fail(code)
                case .later: return
                }
                leave(request)
            } catch {
                if case .missing(let missing) = error { fetch(missing, for: request) } else { finish(request, error) }
            }
        }
    }

    private func finish(_ request: ParkedRequest, _ error: ReadError) {
        request.fail(failed(error))
        leave(request)
    }

    private func leave(_ request: ParkedRequest) {
        requests.withLock { requests in
            // The kernel uses numbers again: only this request may be taken out under its number.
            if requests[request.unique] === request { requests[request.unique] = nil }
        }
    }
}
