// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// One request on the wire: no redirects, no retries.
struct HTTPRequest: Sendable {
    /// Where it goes.
    var url: HTTPURL
    /// Fields on top of those that the engine sends.
    var fields: [HTTPField] = []
    /// The inclusive byte range `A-B` of a `Range` field.
    var range: String?
    /// The body of a POST; nil for GET.
    var form: String?
    /// How the connection is made.
    var transport = TransportSettings()
}

/// Why there was no complete answer.
enum HTTPFailure: Error, Sendable, Equatable {
    /// No connection, or it broke.
    case unreachable(String)
    /// The connection could not be made in time.
    case timeout(String)
    /// The host was reached, but then nothing came for too long.
    case stalled(String)
    /// The certificate is not trusted, or the two sides do not understand each other: no retry helps.
    case tls(String)
    /// Not HTTP.
    case malformed(String)
    /// The receiver wanted no more.
    case stopped
}

/// What becomes of an answer's body.
enum BodyDisposition: Sendable, Equatable {
    case receive
    /// Read to the end if it is small, so that the connection can be used again.
    case discard
    /// Close the connection: the body is unwanted, and its stated length not to be trusted.
    case stop
}

/// Takes one answer.
///
/// All calls come on the engine's thread, `finished` last and exactly once, unless the exchange was cancelled.
protocol HTTPReceiver: AnyObject {
    /// Takes the head of the final answer, and says what to do with the body.
    func head(_ head: HTTPHead) -> BodyDisposition
    /// Takes the next bytes of the body, valid during the call.
    ///
    /// - Returns: False to end the exchange, which then finishes with `.stopped`.
    func body(_ bytes: UnsafeRawBufferPointer) -> Bool
    /// Hears how it ended; nil when the answer is complete.
    func finished(_ failure: HTTPFailure?)
}
