// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// What a server says about the version of a blob: an entity tag, or else a date.
struct BlobValidator: Equatable, Sendable {
    /// As the server wrote it.
    let text: String

    /// Takes the `ETag` of an answer, or its `Last-Modified`.
    init?(_ head: HTTPHead) {
        guard let text = head["etag"] ?? head["last-modified"], !text.isEmpty, text.utf8.count <= 1024 else {
            return nil
        }
        self.text = text
    }

    /// The validator as `If-Range` may carry it: only a strong entity tag is exact.
    static func ifRange(_ text: String?) -> String? {
        guard let text, text.hasPrefix("\""), text.hasSuffix("\""), text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F })
        else {
            return nil
        }
        return text
    }
}
