// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Percent-encoding of RFC 3986.
enum PercentEncoding {
    /// Encodes everything but unreserved characters.
    static func component(_ text: some StringProtocol) -> String {
        var result = ""
        for byte in text.utf8 {
            if isUnreserved(byte) { result.unicodeScalars.append(Unicode.Scalar(byte)) } else { result += escape(byte) }
        }
        return result
    }

    /// Encodes a relative path segment by segment.
    ///
    /// - Returns: Nil when a segment is empty, `.` or `..`: such a name would denote something else than one blob below
    ///   a prefix.
    static func path(_ name: String) -> String? {
        let segments = name.split(separator: "/", omittingEmptySubsequences: false)
        guard segments.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else { return nil }
        return segments.map { component($0) }.joined(separator: "/")
    }

    /// The text with spaces and non-ASCII bytes encoded, as servers often forget to do in `Location`.
    ///
    /// - Returns: Nil when it holds control characters, which could end a request line.
    static func cleaned(_ text: String) -> String? {
        var result = ""
        for byte in text.utf8 {
            guard byte >= 0x20, byte != 0x7F else { return nil }
            if byte == 0x20 || byte > 0x7F || byte == UInt8(ascii: "\\") {
                result += escape(byte)
            } else {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        return result
    }

    /// The text with its escapes replaced.
    static func decoded(_ text: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    private static func escape(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.count == 1 ? "%0\(digits)" : "%\(digits)"
    }
}
