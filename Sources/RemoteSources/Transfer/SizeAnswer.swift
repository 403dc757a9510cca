// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// What an answer to the request for a blob's first byte says about its size.
///
/// A GET of one byte is asked instead of HEAD, because signed addresses are good for one method only and some servers
/// answer HEAD with 403 or 405.
package enum SizeAnswer: Equatable, Sendable {
    case size(UInt64, validator: String?)
    case bad(String)

    /// Judges a 200, 206 or 416 answer to `Range: bytes=0-0`.
    package static func judge(_ head: HTTPHead) -> SizeAnswer {
        if let coding = head.foreignEncoding {
            return .bad("the body is encoded (\(coding)) although identity was asked for")
        }
        let validator = BlobValidator(head)?.text
        let range = ContentRange(head["content-range"])
        switch head.status {
        case 206:
            guard let range, range.range == 0..<1, let total = range.total else {
                return .bad("206 to a request for byte 0 with Content-Range \(head["content-range"] ?? "absent")")
            }
            return .size(total, validator: validator)
        case 200:
            guard let length = head.contentLength else {
                return .bad("200 without Content-Length: the size is unknown")
            }
            return .size(length, validator: validator)
        case 416:
            guard let range, range.range == nil, range.total == 0 else { return .bad("416 for byte 0") }
            return .size(0, validator: validator)
        default:
            return .bad("status \(head.status)")
        }
    }
}
