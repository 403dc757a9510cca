// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobFetch
internal import Digests

/// One blob behind one address.
final class HTTPBlobSource: BlobSource {
    let name: String
    private let url: HTTPURL
    private let settings: TransferSettings
    private let authorizer: (any HTTPAuthorizer)?
    private let digest: Digest?
    private let size: UInt64?
    private let memory = AddressMemory()

    /// - Parameters:
    ///   - digest: What the address names the content by, if it does; entity tags then say nothing.
    ///   - size: The content's bytes, when a manifest tells them; saves the question, and every answer is held to it.
    init(
        url: HTTPURL, settings: TransferSettings, authorizer: (any HTTPAuthorizer)?, digest: Digest? = nil,
        size: UInt64? = nil
    ) {
        self.url = url.withoutUserInfo
        self.settings = settings
        self.authorizer = authorizer
        self.digest = digest
        self.size = size
        name = url.description
    }

    func identify(_ completion: @escaping @Sendable (Result<BlobIdentity, FetchError>) -> Void) {
        if let digest, let size {
            return HTTPEngine.shared.perform {
                completion(.success(BlobIdentity(size: size, validator: digest.description)))
            }
        }
        let consumer = SizeConsumer(source: name)
        let missing = FetchError.badAnswer(source: name, reason: "the size is unknown")
        let digest = self.digest
        HTTPCall(plan(bytes: 0, .foreground), consumer: consumer) { result in
            completion(
                result.flatMap {
                    guard var identity = consumer.identity else { return .failure(missing) }
                    if let digest { identity.validator = digest.description }
                    return .success(identity)
                })
        }.start()
    }

    func read(
        _ range: Range<UInt64>, of identity: BlobIdentity, into target: any FetchTarget, priority: FetchPriority,
        _ completion: @escaping @Sendable (Result<Void, FetchError>) -> Void
    ) -> any FetchHandle {
        let consumer = RangeConsumer(
            source: name, range: range, identity: identity, checksValidator: digest == nil, target: target)
        guard !range.isEmpty, range.upperBound <= identity.size else { return answer(range, identity, completion) }
        let call = HTTPCall(
            plan(bytes: UInt64(range.count), priority), consumer: consumer, completion: completion)
        call.start()
        return call
    }

    /// Answers a read that needs no request.
    private func answer(
        _ range: Range<UInt64>, _ identity: BlobIdentity,
        _ completion: @escaping @Sendable (Result<Void, FetchError>) -> Void
    ) -> any FetchHandle {
        let beyond = FetchError.badAnswer(source: name, reason: "\(range) lies outside of \(identity.size) bytes")
        HTTPEngine.shared.perform { completion(range.isEmpty ? .success(()) : .failure(beyond)) }
        return NothingToCancel()
    }

    private func plan(bytes: UInt64, _ priority: FetchPriority) -> HTTPCall.Plan {
        HTTPCall.Plan(
            source: name, url: url, settings: settings, priority: priority, bytes: bytes,
            deadline: settings.deadline(forBytes: bytes), authorizer: authorizer, memory: memory)
    }
}
