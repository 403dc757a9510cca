// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// What stands between the slashes of an address: user, host and port.
struct Authority {
    /// Host and port, with the scheme.
    let origin: HTTPURL.Origin
    /// User and password, when there are any.
    let userInfo: HTTPURL.UserInfo?

    /// Reads `[user[:password]@]host[:port]`.
    init?(_ text: some StringProtocol, scheme: HTTPURL.Scheme) {
        var place = text[...]
        var info: HTTPURL.UserInfo?
        if let at = place.lastIndex(of: "@") {
            let parts = place[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard let user = PercentEncoding.decoded(parts[0]) else { return nil }
            guard let password = PercentEncoding.decoded(parts.count > 1 ? parts[1] : "") else { return nil }
            info = HTTPURL.UserInfo(user: user, password: password)
            place = place[place.index(after: at)...]
        }
        guard let (host, port) = Authority.hostAndPort(String(place), scheme: scheme) else { return nil }
        origin = HTTPURL.Origin(scheme: scheme, host: host, port: port)
        userInfo = info
    }

    private static func hostAndPort(_ text: String, scheme: HTTPURL.Scheme) -> (String, UInt16)? {
        var host = text[...]
        var port = scheme.defaultPort
        let afterBracket = text.lastIndex(of: "]") ?? text.startIndex
        if let colon = text[afterBracket...].lastIndex(of: ":") {
            let digits = text[text.index(after: colon)...]
            if !digits.isEmpty {
                guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let number = UInt16(digits), number > 0 else {
                    return nil
                }
                port = number
            }
            host = text[..<colon]
        }
        guard isHost(host) else { return nil }
        return (host.lowercased(), port)
    }

    private static func isHost(_ host: Substring) -> Bool {
        if host.hasPrefix("[") {
            return host.hasSuffix("]") && host.count > 3
                && host.dropFirst().dropLast().allSatisfy { $0.isHexDigit || ":.".contains($0) }
        }
        return !host.isEmpty && host.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) }
    }
}
