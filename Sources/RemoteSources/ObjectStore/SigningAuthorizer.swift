// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobFetch
internal import Glibc

/// Signs each request to an object store.
final class SigningAuthorizer: HTTPAuthorizer {
    var standing: String { "with the access key \(signature.keys.access)" }
    private let source: String
    private let signature: RequestSignature

    /// Signs with one account's keys.
    init(source: String, signature: RequestSignature) {
        self.source = source
        self.signature = signature
    }

    func authorize(_ request: HTTPRequest, _ completion: @escaping @Sendable (Result<HTTPRequest, FetchError>) -> Void)
    {
        var request = request
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        request.fields += signature.fields(for: request.url, range: request.range, at: Int64(now.tv_sec))
        completion(.success(request))
    }

    func challenged(
        by head: HTTPHead, for request: HTTPRequest,
        _ completion: @escaping @Sendable (Result<Void, FetchError>) -> Void
    ) {
        completion(.failure(.denied(source: source, reason: "the store does not take the keys given")))
    }
}
