// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobFetch
internal import Primitives

/// Gets a whole document and waits for it; not for use on the engine's thread.
struct DocumentFetch {
    /// The source's name in messages.
    var source: String
    /// The document's address.
    var url: HTTPURL
    /// Fields of the request.
    var fields: [HTTPField] = []
    /// The most bytes that are taken into memory.
    var limit: Int
    /// How the request is made.
    var settings: TransferSettings
    /// What lets it in.
    var authorizer: (any HTTPAuthorizer)?

    /// Blocks until the document is here or the deadline has passed.
    func bytes() throws(FetchError) -> [UInt8] {
        let consumer = DocumentConsumer(source: source, limit: limit)
        let plan = HTTPCall.Plan(
            source: source, url: url, fields: fields, settings: settings,
            deadline: settings.deadline(forBytes: UInt64(limit)), authorizer: authorizer)
        let outcome = Locked<Result<Void, FetchError>?>(nil)
        let ended = Condition()
        HTTPCall(plan, consumer: consumer) { result in
            outcome.withLock { $0 = result }
            ended.broadcast()
        }.start()
        let result = outcome.withLock(waitingOn: ended) { outcome, waiter in
            while true {
                if let outcome { return outcome }
                waiter.wait(for: &outcome)
            }
        }
        try result.get()
        return consumer.bytes
    }
}
