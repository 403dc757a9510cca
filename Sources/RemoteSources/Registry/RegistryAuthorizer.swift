// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobFetch
internal import Primitives

/// Lets requests into one repository of one registry: anonymously, with a password, or with a token; lives on the
/// engine's thread.
///
/// What the registry wants is learnt from its first 401. Credentials are read again at each challenge, because those of
/// hosted registries end while an image is mounted.
final class RegistryAuthorizer: HTTPAuthorizer, @unchecked Sendable {
    private typealias Waiter = @Sendable (Result<Void, FetchError>) -> Void

    var standing: String { credential.map { "with the credentials from \($0.origin)" } ?? "without credentials" }
    private let source: String
    private let endpoint: RegistryEndpoint
    private let settings: RemoteSettings
    private var challenge: AuthChallenge?
    private var credential: RegistryCredential?
    private var tokens = TokenCache()
    private var waiters: [Waiter] = []

    /// An authorizer that has asked nothing yet.
    init(source: String, endpoint: RegistryEndpoint, settings: RemoteSettings) {
        self.source = source
        self.endpoint = endpoint
        self.settings = settings
    }

    func authorize(_ request: HTTPRequest, _ completion: @escaping @Sendable (Result<HTTPRequest, FetchError>) -> Void)
    {
        switch challenge {
        case nil: completion(.success(request))
        case .basic: completion(.success(adding(basicField, to: request)))
        case .bearer: authorizeByToken(request, completion)
        }
    }

    func challenged(
        by head: HTTPHead, for request: HTTPRequest,
        _ completion: @escaping @Sendable (Result<Void, FetchError>) -> Void
    ) {
        let sent = request.fields.first { $0.name == "Authorization" }?.value
        guard let new = AuthChallenge(head.all("www-authenticate")) else {
            // Some registries give a stale token no usable challenge, but a bare request one.
            guard sent != nil, challenge != nil else { return completion(.failure(denied("no challenge we can meet"))) }
            challenge = nil
            return completion(.success(()))
        }
        if case .bearer = new {
            challenge = new
            if let token = sent.map({ String($0.dropFirst("Bearer ".count)) }) {
                guard tokens.refused(token) else { return completion(.success(())) }
            }
            return needToken(completion)
        }
        search { found in
            let isNew = found != self.credential || sent == nil
            (self.challenge, self.credential) = (new, found)
            guard let found else {
                return completion(.failure(self.denied("it asks for a password, and none was found")))
            }
            guard isNew else {
                return completion(.failure(self.denied("the password from \(found.origin) is refused")))
            }
            completion(.success(()))
        }
    }

    // MARK: - Tokens

    private func authorizeByToken(
        _ request: HTTPRequest, _ completion: @escaping @Sendable (Result<HTTPRequest, FetchError>) -> Void
    ) {
        needToken { result in
            completion(
                result.map { self.adding(self.tokens.current.map { "Bearer \($0)" }, to: request) })
        }
    }

    /// Calls `waiter` when there is a token.
    private func needToken(_ waiter: @escaping Waiter) {
        switch tokens.need(now: .now) {
        case .use: waiter(.success(()))
        case .useAndRenew:
            waiter(.success(()))
            fetchToken()
        case .wait: waiters.append(waiter)
        case .fetch:
            waiters.append(waiter)
            fetchToken()
        }
    }

    private func fetchToken() {
        guard case .bearer(let realm, let service, let scope) = challenge, let realm = HTTPURL(realm) else {
            return tokenCame(.failure(denied("the address of its token service cannot be read")))
        }
        search { found in
            self.credential = found
            if case .registryToken(let token) = found?.secret {
                return self.tokenCame(.success((token, 3_600_000)))
            }
            let request = TokenRequest(
                realm: realm, service: service, scope: scope ?? "repository:\(self.endpoint.repository):pull",
                credential: self.mayHaveSecret(realm) ? found : nil)
            self.send(request)
        }
    }

    private func send(_ request: TokenRequest) {
        let consumer = DocumentConsumer(source: source, limit: 1 << 20)
        let plan = HTTPCall.Plan(
            source: source, url: request.url, fields: request.fields, form: request.form, settings: settings.transfer,
            deadline: settings.transfer.deadline)
        HTTPCall(plan, consumer: consumer) { result in
            switch result {
            case .success:
                guard let answer = TokenAnswer(consumer.bytes) else {
                    return self.tokenCame(.failure(.badAnswer(source: self.source, reason: "no token in the answer")))
                }
                self.tokenCame(.success((answer.token, answer.lifetime)))
            case .failure(.denied(_, let reason)):
                let refusal = "the token service gives no token \(self.standing): \(reason)"
                self.tokenCame(.failure(self.denied(refusal)))
            case .failure(let error): self.tokenCame(.failure(error))
            }
        }.start()
    }

    private func tokenCame(_ result: Result<(text: String, lifetime: UInt64), FetchError>) {
        switch result {
        case .success(let token): tokens.fetched(token.text, lifetime: token.lifetime, now: .now)
        case .failure: tokens.failed()
        }
        let waiting = waiters
        waiters = []
        for waiter in waiting { waiter(result.map { _ in }) }
    }

    // MARK: - Credentials

    /// Whether a token service may see the password: over TLS, on this machine, or on the registry's own host.
    private func mayHaveSecret(_ realm: HTTPURL) -> Bool {
        realm.origin.scheme == .https || RegistryEndpoint.isLoopback(realm.origin.host)
            || (realm.origin.host == endpoint.origin.host && endpoint.origin.scheme == .http)
    }

    /// Looks for credentials on a thread of its own, because files and helpers block.
    private func search(_ completion: @escaping @Sendable (RegistryCredential?) -> Void) {
        let search = CredentialSearch(settings: settings)
        let endpoint = self.endpoint
        let work: @Sendable () -> Void = {
            let found = search.credential(for: endpoint)
            HTTPEngine.shared.perform { completion(found) }
        }
        if (try? NamedThread("credentials", work)) == nil { completion(nil) }
    }

    private var basicField: String? {
        guard case .password(let user, let password) = credential?.secret else { return nil }
        return "Basic " + Base64.text(of: Array("\(user):\(password)".utf8))
    }

    private func adding(_ value: String?, to request: HTTPRequest) -> HTTPRequest {
        guard let value else { return request }
        var request = request
        request.fields.append(HTTPField("Authorization", value))
        return request
    }

    private func denied(_ reason: String) -> FetchError { .denied(source: source, reason: reason) }
}
