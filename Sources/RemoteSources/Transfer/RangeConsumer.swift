// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobFetch

/// Takes exactly one range of a blob; after a break it asks for the rest only.
final class RangeConsumer: HTTPConsumer, @unchecked Sendable {
    private let source: String
    private let range: Range<UInt64>
    private let identity: BlobIdentity
    private let checksValidator: Bool
    private let target: any FetchTarget
    private var taken: UInt64 = 0
    private var skip: UInt64 = 0

    /// - Parameter checksValidator: False when the blob's name is its digest, so that it cannot change.
    init(
        source: String, range: Range<UInt64>, identity: BlobIdentity, checksValidator: Bool, target: any FetchTarget
    ) {
        self.source = source
        self.range = range
        self.identity = identity
        self.checksValidator = checksValidator
        self.target = target
    }

    var progress: UInt64 { taken }

    private var rest: Range<UInt64> { min(range.lowerBound + taken, range.upperBound)..<range.upperBound }
    private var validator: String? { checksValidator ? identity.validator : nil }

    func wish() -> HTTPWish {
        let condition = BlobValidator.ifRange(validator).map { [HTTPField("If-Range", $0)] } ?? []
        return HTTPWish(range: rest.text, fields: condition)
    }

    func judge(_ head: HTTPHead) -> HTTPJudgement {
        skip = 0
        switch RangeAnswer.judge(head, asked: rest, size: identity.size, validator: validator) {
        case .part: return .receive
        case .whole(let skip):
            self.skip = skip
            return .receive
        case .changed(let reason): return .fail(.changed(source: source, reason: reason))
        case .bad(let reason): return .fail(.badAnswer(source: source, reason: reason))
        }
    }

    func take(_ bytes: UnsafeRawBufferPointer) throws(FetchError) -> Bool {
        var rest = bytes[...]
        if skip > 0 {
            let skipped = Int(min(skip, UInt64(rest.count)))
            skip -= UInt64(skipped)
            rest = rest.dropFirst(skipped)
        }
        let wanted = Int(clamping: min(UInt64(rest.count), self.rest.upperBound - self.rest.lowerBound))
        guard wanted > 0 else { return !isComplete() }
        try target.receive(UnsafeRawBufferPointer(rebasing: rest.prefix(wanted)))
        taken += UInt64(wanted)
        return rest.count == wanted
    }

    func isComplete() -> Bool { rest.isEmpty }
}
