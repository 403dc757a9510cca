// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// One request as a test server saw it.
package struct ServedRequest: Sendable, Hashable {
    package let method: String
    /// The path, with a leading slash.
    package let path: String
    /// The bytes asked for; nil without a (single, closed) range.
    package let range: Range<Int>?
    /// The status answered.
    package let status: Int
    /// How many bytes of content went out.
    package let bytes: Int
    /// The credentials that came along, as far as the server tells.
    package var authorization: String?

    /// The range of a header value such as `bytes=0-4095`.
    package static func range(fromHeader value: some StringProtocol) -> Range<Int>? {
        guard value.hasPrefix("bytes=") else { return nil }
        let ends = value.dropFirst(6).split(separator: "-").map { Int($0) }
        guard ends.count == 2, let first = ends[0], let last = ends[1], last >= first else { return nil }
        return first..<last + 1
    }
}

extension Sequence<ServedRequest> {
    /// The content bytes of all requests together.
    package var totalBytes: Int { reduce(0) { $0 + $1.bytes } }

    /// Those that asked for a part of a file, as every fetch of a blob does; a single byte only learns the size.
    package var fetches: [ServedRequest] { filter { $0.method == "GET" && ($0.range?.count ?? 0) > 1 } }
}
