// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import CCrypto
internal import Digests

/// The signature of a request to an S3-style store (AWS Signature Version 4).
package struct RequestSignature: Sendable {
    /// Keys of an account, perhaps for a while only.
    package struct Keys: Sendable, Equatable {
        /// The public key.
        package var access: String
        /// The secret key.
        package var secret: String
        /// The token that goes with keys for a while.
        package var session: String?

        /// Keys as the account's owner got them.
        package init(access: String, secret: String, session: String? = nil) {
            (self.access, self.secret, self.session) = (access, secret, session)
        }
    }

    /// Whose signature it is.
    let keys: Keys
    /// The store's region.
    let region: String

    /// A signature for all requests to one region.
    package init(keys: Keys, region: String) {
        self.keys = keys
        self.region = region
    }

    /// The fields that sign a GET without a body at a moment, in seconds since 1970.
    package func fields(for url: HTTPURL, range: String?, at seconds: Int64) -> [HTTPField] {
        let stamp = Self.stamp(seconds)
        let empty = Digest(.sha256, of: UnsafeRawBufferPointer(start: nil, count: 0)).hex
        var signed = [
            ("host", url.origin.authority), ("x-amz-content-sha256", empty), ("x-amz-date", stamp),
        ]
        if let range { signed.append(("range", "bytes=\(range)")) }
        if let session = keys.session { signed.append(("x-amz-security-token", session)) }
        signed.sort { $0.0 < $1.0 }
        let names = signed.map(\.0).joined(separator: ";")
        let request = [
            "GET", url.path, Self.canonical(url.query), signed.map { "\($0.0):\($0.1)\n" }.joined(), names, empty,
        ].joined(separator: "\n")
        let scope = "\(stamp.prefix(8))/\(region)/s3/aws4_request"
        let text = ["AWS4-HMAC-SHA256", stamp, scope, Self.digest(request)].joined(separator: "\n")
        let signature = Hexadecimal.text(of: Self.code(signingKey(day: String(stamp.prefix(8))), text))
        let value =
            "AWS4-HMAC-SHA256 Credential=\(keys.access)/\(scope), SignedHeaders=\(names), Signature=\(signature)"
        let sent = signed.filter { $0.0 != "host" && $0.0 != "range" }.map { HTTPField($0.0, $0.1) }
        return sent + [HTTPField("Authorization", value)]
    }

    private func signingKey(day: String) -> [UInt8] {
        [day, region, "s3", "aws4_request"].reduce(Array("AWS4\(keys.secret)".utf8)) { Self.code($0, $1) }
    }

    /// The query with its items in order.
    private static func canonical(_ query: String?) -> String {
        guard let query, !query.isEmpty else { return "" }
        return query.split(separator: "&").map { $0.contains("=") ? String($0) : "\($0)=" }.sorted()
            .joined(separator: "&")
    }

    /// `YYYYMMDDThhmmssZ`.
    private static func stamp(_ seconds: Int64) -> String {
        let parts = HTTPDate.parts(of: seconds)
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return
            "\(parts.year)\(two(parts.month))\(two(parts.day))T\(two(parts.hour))\(two(parts.minute))\(two(parts.second))Z"
    }

    private static func digest(_ text: String) -> String {
        Array(text.utf8).withUnsafeBytes { Digest(.sha256, of: $0).hex }
    }

    /// HMAC-SHA256.
    private static func code(_ key: [UInt8], _ text: String) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: Digest.byteCount)
        let bytes = Array(text.utf8)
        _ = HMAC(EVP_sha256(), key, Int32(clamping: key.count), bytes, bytes.count, &result, nil)
        return result
    }
}
