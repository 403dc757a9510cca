// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
package import FUSE
import Glibc
package import ImageReader
import Primitives

/// Answers the kernel's requests for one image.
///
/// `serve` belongs to the serving thread. Replies that must wait come from other threads, until ``stop()``.
package final class ImageServer: RequestHandler, Sendable {
    /// What was served.
    package let counters = MountCounters()
    private let answers: Answers
    private let identity: NodeIdentity
    private let channel: any ReplyChannel
    private let workers: WorkerPool
    private let parking: ParkingLot
    private let statistics: FileSystemStatistics
    private let failures: FailureLog

    /// Joins an image with the channel that takes its replies.
    ///
    /// - Parameter report: Told of damage and failures, once for each kind and place; from any thread.
    package init(
        _ reader: ImageReader, channel: any ReplyChannel, switches: Switches, workerLimit: Int = 4,
        report: @escaping @Sendable (String) -> Void
    ) {
        identity = NodeIdentity(root: reader.image.root)
        self.channel = channel
        let failures = FailureLog(report)
        self.failures = failures
        answers = Answers(
            reader: reader, identity: identity, validity: switches.validity,
            listing: ListingMode(isAdaptive: switches.readdirplus))
        workers = WorkerPool(limit: workerLimit)
        let counters = counters
        parking = ParkingLot(answers, workers: workers) { error in
            counters.failedOne()
            return failures.note(error)
        }
        let image = reader.image
        statistics = FileSystemStatistics(
            blocks: image.blockCount, blockSize: UInt32(image.superblock.blockSize), files: .max,
            freeFiles: .max - image.superblock.inodeCount)
    }

    /// Requests that wait at this moment.
    package var waitingCount: Int { parking.count }

    package func serve(_ request: Request, into reply: ReplyBuffer) -> Outcome {
        counters.received(request.rawOpcode)
        guard let opcode = Opcode(rawValue: request.rawOpcode) else { return .fail(ENOSYS) }
        guard let operation = Operation(request, opcode, identity) else { return other(opcode, request, reply) }
        do throws(ReadError) {
            let outcome = try answers.answer(operation, into: reply, on: .serving)
            if operation.kind == .read { counters.served(reply.count) }
            return outcome
        } catch {
            return postpone(operation, request.unique, error)
        }
    }

    /// Answers all that wait with an error and ends the workers; the channel may go then.
    package func stop() {
        parking.failAll(ENOTCONN)
        workers.stop()
        parking.failAll(ENOTCONN)
    }

    private func postpone(_ operation: Operation, _ unique: UInt64, _ error: ReadError) -> Outcome {
        switch error {
        case .missing(let missing):
            counters.parkedOne()
            parking.park(operation, PendingReply(unique: unique, channel: channel), missing: missing)
            return .later
        case .wouldBlock:
            counters.delegatedOne()
            parking.delegate(operation, PendingReply(unique: unique, channel: channel))
            return .later
        default:
            counters.failedOne()
            return .fail(failures.note(error))
        }
    }

    private func other(_ opcode: Opcode, _ request: Request, _ reply: ReplyBuffer) -> Outcome {
        switch opcode {
        case .forget, .batchForget:
            return .later
        case .interrupt:
            parking.interrupt(request.body(0))
            return .later
        case .statfs:
            reply.append(statistics)
            return .reply
        default:
            // ENOSYS is remembered by the kernel: it opens, closes and checks access by itself from then on.
            return .fail(opcode.isChange ? EROFS : ENOSYS)
        }
    }
}
