// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import FUSE
import Glibc
import ImageReader
import Primitives

/// Answers the kernel's requests from an image: at once when it can, later when bytes are missing.
///
/// `serve` never waits, but for a quick disk when nobody else asks or another thread is there to answer. A request that misses bytes is parked, the bytes are
/// fetched, and a worker asks the question again; so is one that would sleep in a slow disk or decode for long.
final class ImageServer: ConcurrentRequestHandler {
    let answerer: Answerer
    let lot = ParkingLot()
    /// What the threads that serve have each for themselves.
    let seats: [Seat]
    /// What all other threads counted.
    let workerTally = Tally()
    let waits = LatencyHistogram()
    let early: EarlyReplies
    let channel: any ReplyChannel
    let pool: WorkerPool
    /// Nil when the kernel opens files by itself.
    let passing: Passing?
    /// A thread that did not run for so long has waited for the disk; nanoseconds.
    private static let shortestWait: UInt64 = 20_000
    private let damage: DamageLog
    private let ready: @Sendable () -> Void
    private let afterwards: (@Sendable () -> Void)?

    /// - Parameters:
    ///   - channel: Where replies go that the serving thread does not send by itself.
    ///   - seats: Threads at most that will serve.
    ///   - passing: For large files that the kernel reads by itself; nil for none.
    ///   - ready: Called once, on the serving thread, when the mount answers.
    ///   - afterwards: Called once, on a worker, when the mount answers.
    init(
        _ answerer: Answerer, channel: any ReplyChannel, workers: Int, seats: Int = 1,
        passing: Passing? = nil, log: @escaping @Sendable (String) -> Void,
        ready: @escaping @Sendable () -> Void,
        afterwards: (@Sendable () -> Void)? = nil
    ) {
        self.answerer = answerer
        self.channel = channel
        self.ready = ready
        self.afterwards = afterwards
        pool = WorkerPool(limit: workers, early: Processors.online)
        early = EarlyReplies(processors: Processors.online)
        self.seats = (0..<max(1, seats)).map { _ in Seat(isMapped: answerer.reader.isMapped, among: seats) }
        damage = DamageLog(log)
        self.passing = passing
    }

    func begin() {
        ready()
        if let afterwards { _ = pool.run { _ in afterwards() } }
    }

    func serve(_ request: Request, into reply: ReplyBuffer) -> Outcome {
        serve(request, into: reply, at: seats[0], answering: channel)
    }

    func serve(
        _ request: Request, into reply: ReplyBuffer, at seat: Int, answering channel: any ReplyChannel
    ) -> Outcome {
        serve(request, into: reply, at: seats[seat], answering: channel)
    }

    @inline(__always)
    private func serve(
        _ request: Request, into reply: ReplyBuffer, at seat: Seat, answering channel: any ReplyChannel
    ) -> Outcome {
        guard let opcode = Opcode(rawValue: request.rawOpcode) else { return .fail(ENOSYS) }
        seat.tally.count(opcode)
        if let mappedPages = seat.mappedPages, mappedPages.isDue() {
            _ = pool.run(.early) { [reader = answerer.reader] _ in
                reader.keepMappedPages(below: MappedPagesLimit.most)
            }
        }
        guard Answerer.answers(opcode) else { return withoutImage(request, opcode, into: reply, seat.tally, channel) }
        let question = Question(request, opcode, answerer.numbers)
        if opcode.isRead, !early.isEmpty, let outcome = sendEarly(question, seat.tally, channel) { return outcome }
        let name = Question.name(in: request, opcode)
        do throws(ReadError) {
            return try answer(question, name, into: reply, on: .serving, seat.tally)
        } catch {
            guard opcode.isRead, case .wouldBlock = error, let read = fileRead(question) else {
                return failed(question, name, error, seat.tally, channel)
            }
            let mayWait = seat.patience.mayWait(for: read.range.count)
            let isCrowded = mayWait && !channel.isQuiet
            if mayWait, !isCrowded, let outcome = readPatiently(question, into: reply, seat) { return outcome }
            let outcome = failed(question, name, error, seat.tally, channel)
            makeEarly(after: read)
            return isCrowded ? .crowded : outcome
        }
    }

    /// Answers a question without waiting for missing bytes, and counts what of a file is in the reply.
    @inline(__always)
    private func answer(
        _ question: Question, _ name: UnsafeRawBufferPointer, into reply: ReplyBuffer, on context: ReadContext,
        _ tally: Tally
    ) throws(ReadError) -> Outcome {
        let outcome = try answerer.answer(question, name, into: reply, on: context)
        if question.opcode.isRead { tally.count(.bytes, reply.count) }
        return outcome
    }

    /// Waits for the disk right here; nil when that brought no answer.
    private func readPatiently(_ question: Question, into reply: ReplyBuffer, _ seat: Seat) -> Outcome? {
        let (began, usedBefore) = (MonotonicTime.now, MonotonicTime.processorTime)
        reply.reset()
        let outcome = try? answer(question, Question.noName, into: reply, on: .patient, seat.tally)
        let took = MonotonicTime.now.nanoseconds &- began.nanoseconds
        seat.patience.waited(nanoseconds: took)
        // A reader whose bytes were only to be decoded goes on as after any other read.
        let used = MonotonicTime.processorTime &- usedBefore
        return outcome == .reply && took > used &+ ImageServer.shortestWait ? .slowReply : outcome
    }

    /// Ends all work: parked requests fail, workers end.
    ///
    /// No reply comes afterwards.
    func stop() {
        lot.drain(ENOTCONN)
        pool.stop()
    }

    /// Requests about which the image has no say.
    private func withoutImage(
        _ request: Request, _ opcode: Opcode, into reply: ReplyBuffer, _ tally: Tally, _ channel: any ReplyChannel
    ) -> Outcome {
        switch opcode {
        case .open: return open(Question(request, opcode, answerer.numbers), into: reply, tally, channel)
        case .release: return close(request, answerer.numbers.nid(of: request.node))
        case .forget, .batchForget: return .done
        case .interrupt: return interrupt(request.u64(0))
        default: return .fail(request.refusal)
        }
    }

    /// A request that was read before its interrupt has either been answered or is parked; or another thread still has it,
    /// and may park it yet.
    private func interrupt(_ unique: UInt64) -> Outcome {
        if let reply = lot.interrupt(unique) { fail(interrupted: reply) }
        return .done
    }

    private func fail(interrupted reply: consuming PendingReply) {
        workerTally.count(.interrupted)
        reply.fail(EINTR)
    }

    func failed(
        _ question: Question, _ name: UnsafeRawBufferPointer, _ error: ReadError, _ tally: Tally,
        _ channel: any ReplyChannel
    ) -> Outcome {
        switch error {
        case .missing: tally.count(.misses)
        case .wouldBlock: tally.count(.handedOver)
        default: return .fail(errno(for: error, question.nid, tally))
        }
        let request = park(question, name, channel)
        if request.isOpen { proceed(request, error) }
        return .later
    }

    /// Makes a request one that is answered later.
    ///
    /// One that was interrupted before is answered right away.
    func park(_ question: Question, _ name: UnsafeRawBufferPointer, _ channel: any ReplyChannel) -> ParkedRequest {
        let request = ParkedRequest(question, name, PendingReply(unique: question.unique, channel: channel))
        if let reply = lot.park(request) { fail(interrupted: reply) }
        return request
    }

    /// Does what `error` says is to be done before the question is asked again.
    private func proceed(_ request: ParkedRequest, _ error: ReadError) {
        switch error {
        case .missing(let missing):
            do throws(ReadError) { try request.note(missing) } catch { return fail(request, error) }
            let inode = request.question.opcode.isRead ? request.question.nid.rawValue : 0
            request.waits(
                for: answerer.reader.provide(missing, inode: inode) { [self] error in provided(request, error) })
        case .wouldBlock: handOver(request)
        default: fail(request, error)
        }
    }

    /// Runs on the thread of a fetch, which may outlive the mount: so even an error is answered by a worker.
    private func provided(_ request: ParkedRequest, _ error: ReadError?) {
        if let error { _ = pool.run { [self] _ in fail(request, error) } } else { handOver(request) }
    }

    /// As ``fetchProgram(_:rounds:)``, from the thread of a fetch.
    func fetchProgramLater(_ nid: NodeID, rounds: Int) {
        _ = pool.run { [self] _ in fetchProgram(nid, rounds: rounds) }
    }

    func handOver(_ request: ParkedRequest) {
        let isTaken = pool.run { [self] reply in askAgain(request, reply) }
        if !isTaken { fail(request, .system(SystemError("pthread_create", code: EAGAIN))) }
    }

    /// Runs on a worker.
    private func askAgain(_ request: ParkedRequest, _ reply: ReplyBuffer) {
        guard request.isOpen else { return }
        if request.question.opcode == .open { return openLater(request, reply) }
        do throws(ReadError) {
            let outcome = try request.withName { name throws(ReadError) in
                try answerer.answer(request.question, name, into: reply, on: .worker)
            }
            finish(request, outcome, reply)
        } catch {
            goOn(request, after: error)
        }
    }

    /// Fetches what an attempt on a worker has missed, or gives up.
    func goOn(_ request: ParkedRequest, after error: ReadError) {
        if case .missing = error { proceed(request, error) } else { fail(request, error) }
    }

    func finish(_ request: ParkedRequest, _ outcome: Outcome, _ reply: ReplyBuffer) {
        guard let pending = lot.claim(request) else { return }
        waits.add(nanoseconds: MonotonicTime.now.nanoseconds &- request.began.nanoseconds)
        if case .fail(let error) = outcome { return pending.fail(error) }
        if request.question.opcode.isRead { workerTally.count(.bytes, reply.count) }
        let isProgram = ProgramFile.begins(in: reply, request.question)
        pending.succeed(reply)
        if isProgram { fetchProgram(request.question.nid) }
    }

    private func fail(_ request: ParkedRequest, _ error: ReadError) {
        guard let pending = lot.claim(request) else { return }
        pending.fail(errno(for: error, request.question.nid, workerTally))
    }

    /// The answer to an error; counts it, and tells of damage.
    private func errno(for error: ReadError, _ nid: NodeID, _ tally: Tally) -> Int32 {
        tally.count(.errors)
        if ErrnoMapping.isDamage(error) {
            tally.count(.damaged)
            damage.report(nid, error.description)
        }
        return ErrnoMapping.errno(for: error)
    }
}

/// What a thread that serves has for itself, so that it shares no memory with others that are busy.
final class Seat: Sendable {
    /// What the thread counted.
    let tally = Tally()
    let patience = DiskPatience()
    let mappedPages: MappedPagesLimit?

    init(isMapped: Bool, among seats: Int) { mappedPages = isMapped ? MappedPagesLimit(seats: seats) : nil }
}
