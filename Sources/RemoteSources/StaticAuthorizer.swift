// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobFetch

/// Adds one fixed `Authorization` field.
final class StaticAuthorizer: HTTPAuthorizer {
    let standing = "with the credentials given"
    private let source: String
    private let value: String

    /// - Parameter value: All of the field's value, a secret.
    init(source: String, value: String) {
        self.source = source
        self.value = value
    }

    /// Basic authorisation (RFC 7617).
    convenience init(source: String, user: String, password: String) {
        self.init(source: source, value: "Basic " + Base64.text(of: Array("\(user):\(password)".utf8)))
    }

    func authorize(_ request: HTTPRequest, _ completion: @escaping @Sendable (Result<HTTPRequest, FetchError>) -> Void)
    {
        var request = request
        request.fields.append(HTTPField("Authorization", value))
        completion(.success(request))
    }

    func challenged(
        by head: HTTPHead, for request: HTTPRequest,
        _ completion: @escaping @Sendable (Result<Void, FetchError>) -> Void
    ) {
        completion(.failure(.denied(source: source, reason: "the server does not take the credentials given")))
    }
}
