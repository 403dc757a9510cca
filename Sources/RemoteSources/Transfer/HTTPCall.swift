// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobFetch
internal import Glibc
internal import Primitives

/// One wish carried through to its end: authorised, redirected, repeated and bounded in time.
///
/// Lives on the engine's thread, except for ``cancel()`` and ``hurry()``.
final class HTTPCall: FetchHandle, HTTPReceiver, @unchecked Sendable {
    /// What does not change from attempt to attempt.
    struct Plan: Sendable {
        /// The source's name in messages.
        var source: String
        var url: HTTPURL
        var fields: [HTTPField] = []
        var form: String?
        var settings: TransferSettings
        var priority = FetchPriority.foreground
        /// Bytes of the body that is asked for, 0 for a small one.
        var bytes: UInt64 = 0
        /// Milliseconds.
        var deadline: UInt64
        var authorizer: (any HTTPAuthorizer)?
        var memory: AddressMemory?
    }

    private enum Next {
        case finish(Result<Void, FetchError>)
        case redirect(HTTPURL)
        case challenge(HTTPHead)
        case retry(FetchError, after: UInt64?)
        case resolveAgain
    }

    private let plan: Plan
    private let consumer: any HTTPConsumer
    private let engine: HTTPEngine
    private var completion: (@Sendable (Result<Void, FetchError>) -> Void)?
    private var redirects: RedirectPolicy
    private var request: HTTPRequest?
    private var exchange: HTTPExchange?
    private var gate: HostGate?
    private var isProbe = false
    private var isHurried = false
    private var mark: DeliveryEstimate.Mark?
    private var began = MonotonicTime.now
    private var deadline = MonotonicTime.now
    private var deadlineTimer: UInt64?
    private var retryTimer: UInt64?
    private var next: Next?
    /// Whether the host showed life in this attempt.
    private var answered = false
    private var failures = 0
    private var challenges = 0
    private var progressBefore: UInt64 = 0
    private var fromMemory = false
    private var hasResolvedAgain = false

    /// Prepares a call; ``start()`` sends it, and `completion` comes on the engine's thread.
    init(
        _ plan: Plan, consumer: any HTTPConsumer, engine: HTTPEngine = .shared,
        completion: @escaping @Sendable (Result<Void, FetchError>) -> Void
    ) {
        self.plan = plan
        self.consumer = consumer
        self.engine = engine
        self.completion = completion
        redirects = RedirectPolicy(start: plan.url, limit: plan.settings.redirectLimit)
    }

    /// Begins; callable from any thread.
    func start() {
        engine.perform {
            self.deadline = MonotonicTime.now.advanced(milliseconds: self.plan.deadline)
            self.deadlineTimer = self.engine.perform(after: self.plan.deadline) {
                self.end(.failure(.timeout(source: self.plan.source, reason: "the deadline passed")), .withdrawn)
            }
            self.attempt()
        }
    }

    func cancel() { engine.perform { self.end(.failure(.cancelled), .withdrawn) } }

    func hurry() {
        guard plan.priority < .foreground else { return }
        engine.perform {
            self.isHurried = true
            self.gate?.hurry(ObjectIdentifier(self))
        }
    }

    // MARK: - One attempt

    private func attempt() {
        guard completion != nil else { return }
        let address = plan.memory?.final
        fromMemory = address != nil
        redirects = RedirectPolicy(start: address ?? plan.url, limit: plan.settings.redirectLimit)
        approach(redirects.current)
    }

    private func approach(_ url: HTTPURL) {
        let wish = consumer.wish()
        progressBefore = consumer.progress
        var request = HTTPRequest(url: url, fields: wish.fields, range: wish.range, transport: plan.settings.transport)
        guard url.origin == plan.url.origin else { return enter(request) }
        request.fields += plan.fields
        request.form = plan.form
        guard let authorizer = plan.authorizer else { return enter(request) }
        authorizer.authorize(request) { result in
            switch result {
            case .success(let request): self.enter(request)
            case .failure(let error): self.end(.failure(error), .withdrawn)
            }
        }
    }

    private func enter(_ request: HTTPRequest) {
        guard completion != nil else { return }
        self.request = request
        let gate = HostBoard.shared.gate(for: request.url.origin, limit: plan.settings.requestsPerHost)
        self.gate = gate
        let bytes = plan.bytes - min(plan.bytes, consumer.progress)
        gate.enter(ObjectIdentifier(self), isHurried ? .foreground : plan.priority, bytes: bytes) { passage in
            switch passage {
            case .go(let isProbe):
                self.isProbe = isProbe
                self.sendInTurn(request)
            case .refused(let reason):
                self.plan.memory?.final = nil
                self.end(.failure(.unreachable(source: self.plan.source, reason: reason)), .withdrawn)
            }
        }
    }

    /// Sends when the rate allows it; the place at the host is kept meanwhile.
    private func sendInTurn(_ request: HTTPRequest) {
        guard let rate = plan.settings.rate, plan.bytes > consumer.progress else { return send(request) }
        let wait = rate.reserve(plan.bytes - consumer.progress)
        guard wait > 0 else { return send(request) }
        retryTimer = engine.perform(after: wait) { self.send(request) }
    }

    private func send(_ request: HTTPRequest) {
        guard completion != nil else { return }
        next = nil
        answered = false
        began = .now
        mark = gate?.sent()
        let exchange = HTTPExchange(request, receiver: self)
        self.exchange = exchange
        engine.start(exchange)
    }

    // MARK: - The answer

    func head(_ head: HTTPHead) -> BodyDisposition {
        answered = true
        if let mark { gate?.answered(mark) }
        let next = judge(head)
        self.next = next
        guard next != nil else { return .receive }
        // The length that a 416 states is often that of the whole blob, which then never comes.
        if head.status == 416 { return .stop }
        return (head.contentLength ?? 0) <= 16 << 10 ? .discard : .stop
    }

    /// What to do after this head; nil to receive the body.
    private func judge(_ head: HTTPHead) -> Next? {
        if RedirectPolicy.isRedirect(status: head.status) { return follow(head) }
        if fromMemory, !hasResolvedAgain, [400, 401, 403, 404, 410].contains(head.status) { return .resolveAgain }
        switch head.status {
        case 200, 206, 416:
            if redirects.current != plan.url { plan.memory?.final = redirects.current }
            switch consumer.judge(head) {
            case .receive: return nil
            case .done: return .finish(.success(()))
            case .fail(let error): return .finish(.failure(error))
            }
        case 401 where plan.authorizer != nil && redirects.current.origin == plan.url.origin: return .challenge(head)
        default: return refusal(head)
        }
    }

    private func follow(_ head: HTTPHead) -> Next {
        do {
            return .redirect(try redirects.follow(head["location"]))
        } catch {
            return .finish(.failure(.badAnswer(source: plan.source, reason: error.description)))
        }
    }

    private func refusal(_ head: HTTPHead) -> Next {
        let reason = "status \(head.status)"
        switch head.status {
        case let status where RetryPolicy.isTransient(status: status):
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            let after = RetryPolicy.retryAfter(head["retry-after"], now: Int64(time.tv_sec))
            return .retry(.unreachable(source: plan.source, reason: reason), after: after)
        case 401, 403, 407: return .finish(.failure(.denied(source: plan.source, reason: reason + standing)))
        case 404, 410: return .finish(.failure(.notFound(source: plan.source, reason: reason)))
        default: return .finish(.failure(.badAnswer(source: plan.source, reason: reason)))
        }
    }

    private var standing: String { plan.authorizer.map { " \($0.standing)" } ?? "" }

    func body(_ bytes: UnsafeRawBufferPointer) -> Bool {
        gate?.received(bytes.count)
        do {
            return try consumer.take(bytes)
        } catch {
            next = .finish(.failure(error))
            return false
        }
    }

    func finished(_ failure: HTTPFailure?) {
        exchange = nil
        if failure == nil, let mark { gate?.finished(mark) }
        let next = self.next ?? conclusion(failure)
        switch next {
        case .finish(let result): end(result, .fine)
        case .retry(let error, let after): retry(error, after: after)
        case .redirect(let url):
            leave(.fine)
            fromMemory = false
            approach(url)
        case .resolveAgain:
            leave(.fine)
            plan.memory?.final = nil
            hasResolvedAgain = true
            attempt()
        case .challenge(let head): answerChallenge(head)
        }
    }

    /// What the end of a body means.
    private func conclusion(_ failure: HTTPFailure?) -> Next {
        let source = plan.source
        switch failure {
        case nil, .stopped:
            if consumer.isComplete() { return .finish(.success(())) }
            return .retry(.badAnswer(source: source, reason: "the body ended early"), after: nil)
        case .unreachable(let reason): return .retry(.unreachable(source: source, reason: reason), after: nil)
        case .timeout(let reason): return .retry(.timeout(source: source, reason: reason), after: nil)
        case .stalled(let reason):
            answered = true
            return .retry(.timeout(source: source, reason: reason), after: nil)
        case .tls(let reason): return .finish(.failure(.denied(source: source, reason: reason)))
        case .malformed(let reason): return .finish(.failure(.badAnswer(source: source, reason: reason)))
        }
    }

    private func answerChallenge(_ head: HTTPHead) {
        guard let authorizer = plan.authorizer, let request, challenges < 3 else {
            return end(.failure(.denied(source: plan.source, reason: "status 401\(standing)")), .fine)
        }
        challenges += 1
        leave(.fine)
        authorizer.challenged(by: head, for: request) { result in
            switch result {
            case .success: self.attempt()
            case .failure(let error): self.end(.failure(error), .withdrawn)
            }
        }
    }

    // MARK: - Again, or the end

    private func retry(_ error: FetchError, after: UInt64?) {
        failures = consumer.progress > progressBefore ? 1 : failures + 1
        if fromMemory { plan.memory?.final = nil }
        let othersGaveUp = !answered && gate?.isClosed == true
        let settings = plan.settings
        let pause =
            isProbe && !answered || othersGaveUp
            ? nil
            : settings.retry.pause(
                afterFailures: failures, retryAfter: after, remaining: MonotonicTime.now.milliseconds(until: deadline),
                jitter: settings.jitter())
        guard let pause else {
            let took = began.milliseconds(until: .now)
            return end(.failure(error), answered ? .fine : .dead(error.reason, took: took))
        }
        leave(.fine)
        retryTimer = engine.perform(after: pause) { self.attempt() }
    }

    private func leave(_ outcome: HostGate.Outcome) {
        gate?.leave(ObjectIdentifier(self), outcome)
        gate = nil
    }

    private func end(_ result: Result<Void, FetchError>, _ outcome: HostGate.Outcome) {
        guard let completion else { return }
        self.completion = nil
        engine.cancelTimer(deadlineTimer)
        engine.cancelTimer(retryTimer)
        if let exchange { engine.cancel(exchange) }
        exchange = nil
        leave(outcome)
        completion(result)
    }
}

extension FetchError {
    /// The reason without the source's name.
    var reason: String {
        switch self {
        case .unreachable(_, let reason), .timeout(_, let reason), .denied(_, let reason), .notFound(_, let reason),
            .changed(_, let reason), .badAnswer(_, let reason), .digestMismatch(_, let reason), .cache(let reason):
            reason
        case .cancelled, .offline: description
        }
    }
}
