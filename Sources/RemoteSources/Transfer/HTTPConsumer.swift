// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobFetch

/// What one call wants of the server, and takes from it; lives on the engine's thread.
protocol HTTPConsumer: AnyObject, Sendable {
    /// The inclusive byte range still to be asked for, and the fields that go with it.
    func wish() -> HTTPWish

    /// Judges the head of a 200, 206 or 416 answer.
    func judge(_ head: HTTPHead) -> HTTPJudgement

    /// Takes a piece of the body.
    ///
    /// - Returns: False when nothing more is wanted.
    func take(_ bytes: UnsafeRawBufferPointer) throws(FetchError) -> Bool

    /// The body ended, or enough of it was taken: is the wish fulfilled?
    func isComplete() -> Bool

    /// Bytes taken so far by all attempts; a call that moves is not counted as failing.
    var progress: UInt64 { get }
}

/// What the next attempt asks for.
struct HTTPWish: Sendable {
    /// `A-B`, both included; nil for everything.
    var range: String?
    /// Fields that go with the range.
    var fields: [HTTPField] = []
}

/// What an answer is good for.
enum HTTPJudgement: Sendable {
    case receive
    /// The head alone fulfils the wish.
    case done
    case fail(FetchError)
}

/// Adds what lets a request in, and reacts to being turned away; its calls come on the engine's thread.
protocol HTTPAuthorizer: AnyObject, Sendable {
    /// With what we come, for messages: `with the password from the options given`, or `without credentials`.
    var standing: String { get }

    /// Gives back the request with its credentials.
    func authorize(_ request: HTTPRequest, _ completion: @escaping @Sendable (Result<HTTPRequest, FetchError>) -> Void)

    /// The server answered 401 to a request that went through ``authorize(_:_:)``.
    ///
    /// Succeeds when another attempt, authorised anew, makes sense.
    func challenged(
        by head: HTTPHead, for request: HTTPRequest,
        _ completion: @escaping @Sendable (Result<Void, FetchError>) -> Void)
}

/// Remembers where redirects led, so that a blob's next request goes there directly; lives on the engine's thread.
final class AddressMemory: @unchecked Sendable {
    /// The address after all redirects; nil until it is known.
    var final: HTTPURL?
}
