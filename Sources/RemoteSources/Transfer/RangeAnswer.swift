// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// What an answer to a request for a range of a blob means.
///
/// Nothing is taken on trust: a proxy that ignores `Range`, or answers another one, would otherwise put right bytes in the
/// wrong place.
package enum RangeAnswer: Equatable, Sendable {
    /// The body is exactly the range.
    case part
    /// The server ignores ranges: the body is the whole blob, and this many bytes come before the range.
    case whole(skip: UInt64)
    /// The blob is not the one that was identified.
    case changed(String)
    /// The answer contradicts itself or the request.
    case bad(String)

    /// How much of a whole blob is read through to come to a range.
    package static let skipLimit: UInt64 = 16 << 20

    /// Judges a 200, 206 or 416 answer.
    ///
    /// - Parameters:
    ///   - size: The size of the blob that was identified.
    ///   - validator: Its entity tag or date when it had one; nil when its content cannot change.
    package static func judge(_ head: HTTPHead, asked: Range<UInt64>, size: UInt64, validator: String?) -> RangeAnswer {
        if let coding = head.foreignEncoding {
            return .bad("the body is encoded (\(coding)) although identity was asked for")
        }
        if let validator, [200, 206].contains(head.status), let now = BlobValidator(head)?.text, now != validator {
            return .changed("its validator was \(validator) and is now \(now)")
        }
        switch head.status {
        case 206: return judgePart(head, asked: asked, size: size)
        case 200: return judgeWhole(head, asked: asked, size: size, validator: validator)
        case 416: return judgeUnsatisfied(head, asked: asked, size: size)
        default: return .bad("status \(head.status)")
        }
    }

    private static func judgePart(_ head: HTTPHead, asked: Range<UInt64>, size: UInt64) -> RangeAnswer {
        guard let answer = ContentRange(head["content-range"]), let range = answer.range else {
            return .bad("206 without a usable Content-Range (\(head["content-range"] ?? "absent"))")
        }
        if let total = answer.total, total != size { return .changed("its size was \(size) and is now \(total)") }
        guard range == asked else {
            return .bad("asked for bytes \(asked.text), answered \(range.text)")
        }
        if let length = head.contentLength, length != UInt64(asked.count) {
            return .bad("Content-Length \(length) for a range of \(asked.count) bytes")
        }
        return .part
    }

    private static func judgeWhole(
        _ head: HTTPHead, asked: Range<UInt64>, size: UInt64, validator: String?
    ) -> RangeAnswer {
        guard let length = head.contentLength else {
            return .bad("200 without Content-Length to a request for a range")
        }
        guard length == size else { return .changed("its size was \(size) and is now \(length)") }
        if validator != nil, BlobValidator(head) == nil { return .changed("its validator is gone") }
        guard asked.lowerBound <= skipLimit else {
            return .bad("the server ignores Range, and byte \(asked.lowerBound) is too far to read through")
        }
        return .whole(skip: asked.lowerBound)
    }

    private static func judgeUnsatisfied(_ head: HTTPHead, asked: Range<UInt64>, size: UInt64) -> RangeAnswer {
        guard let total = ContentRange(head["content-range"])?.total else { return .bad("416 without the blob's size") }
        if total != size { return .changed("its size was \(size) and is now \(total)") }
        return .bad("416 for bytes \(asked.text) of \(size)")
    }
}

extension Range<UInt64> {
    /// As HTTP writes it, both ends included; the range must not be empty.
    var text: String { "\(lowerBound)-\(upperBound &- 1)" }
}
