// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// A header field of a request.
package struct HTTPField: Hashable, Sendable {
    /// The field's name.
    package let name: String
    /// The field's value, without white space before it.
    package let value: String

    /// A field as it is sent.
    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// The status line and the header fields of an answer.
package struct HTTPHead: Sendable {
    /// A head larger than this is refused.
    static let byteLimit = 64 << 10

    /// The status code.
    package let status: Int
    /// Names are lower case.
    private var fields: [HTTPField] = []

    /// A head of fields in any case.
    package init(status: Int, fields: [HTTPField] = []) {
        self.status = status
        self.fields = fields.map { HTTPField($0.name.lowercased(), $0.value) }
    }

    /// Reads a status line, `HTTP/1.1 206 Partial Content`.
    init?(statusLine: String) {
        let parts = statusLine.split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[0].hasPrefix("HTTP/"), let status = Int(parts[1]), (100...599).contains(status)
        else {
            return nil
        }
        self.init(status: status)
    }

    /// Adds a line `Name: value`; anything else is passed over.
    mutating func add(line: String) {
        guard let colon = line.firstIndex(of: ":") else { return }
        let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        fields.append(HTTPField(line[..<colon].lowercased(), String(value)))
    }

    /// The first value of a field, whose name is given in lower case.
    package subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    /// All values of a field, in order.
    package func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    /// `Content-Length` as a number; nil when absent, malformed or contradictory.
    package var contentLength: UInt64? {
        let values = Set(all("content-length"))
        guard values.count == 1, let only = values.first, only.utf8.allSatisfy({ (48...57).contains($0) }) else {
            return nil
        }
        return UInt64(only)
    }

    /// The content coding when the body is not sent as it is; offsets and digests would then mean nothing.
    package var foreignEncoding: String? {
        let codings = all("content-encoding").flatMap { $0.split(separator: ",") }
            .map { $0.filter { $0 != " " }.lowercased() }
        return codings.first { $0 != "identity" && !$0.isEmpty }
    }
}
