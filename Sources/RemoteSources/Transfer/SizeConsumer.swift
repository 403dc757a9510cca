// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobFetch

/// Learns a blob's size from its first byte.
final class SizeConsumer: HTTPConsumer, @unchecked Sendable {
    private let source: String
    /// What was learnt, once the call has succeeded.
    private(set) var identity: BlobIdentity?

    /// A consumer for one call.
    init(source: String) { self.source = source }

    var progress: UInt64 { 0 }

    func wish() -> HTTPWish { HTTPWish(range: "0-0") }

    func judge(_ head: HTTPHead) -> HTTPJudgement {
        switch SizeAnswer.judge(head) {
        case .size(let size, let validator):
            identity = BlobIdentity(size: size, validator: validator)
            return .done
        case .bad(let reason): return .fail(.badAnswer(source: source, reason: reason))
        }
    }

    func take(_ bytes: UnsafeRawBufferPointer) throws(FetchError) -> Bool { false }

    func isComplete() -> Bool { identity != nil }
}
