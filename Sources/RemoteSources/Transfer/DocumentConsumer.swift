// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobFetch

/// Takes a whole answer into memory, up to a limit: tokens, manifests, bootstraps.
final class DocumentConsumer: HTTPConsumer, @unchecked Sendable {
    private let source: String
    private let limit: Int
    /// What came so far.
    private(set) var bytes: [UInt8] = []
    /// The head of the answer.
    private(set) var head: HTTPHead?

    /// Takes at most `limit` bytes.
    init(source: String, limit: Int) {
        self.source = source
        self.limit = limit
    }

    var progress: UInt64 { 0 }

    func wish() -> HTTPWish { HTTPWish() }

    func judge(_ head: HTTPHead) -> HTTPJudgement {
        bytes = []
        self.head = head
        guard head.status == 200 else { return .fail(bad("status \(head.status)")) }
        if let coding = head.foreignEncoding { return .fail(bad("the body is encoded (\(coding))")) }
        if let length = head.contentLength, length > UInt64(limit) { return .fail(bad("\(length) bytes are too many")) }
        return .receive
    }

    func take(_ piece: UnsafeRawBufferPointer) throws(FetchError) -> Bool {
        guard piece.count <= limit - bytes.count else { throw bad("more than \(limit) bytes") }
        bytes.append(contentsOf: piece)
        return true
    }

    func isComplete() -> Bool { head.map { $0.contentLength.map { $0 == UInt64(bytes.count) } ?? true } ?? false }

    private func bad(_ reason: String) -> FetchError { .badAnswer(source: source, reason: reason) }
}
