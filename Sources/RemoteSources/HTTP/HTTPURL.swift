// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// An absolute http or https address, taken apart far enough to follow redirects and to guard credentials.
package struct HTTPURL: Hashable, Sendable, CustomStringConvertible {
    /// The two schemes that are ever requested.
    package enum Scheme: String, Sendable {
        case http
        case https

        var defaultPort: UInt16 { self == .http ? 80 : 443 }
    }

    /// Whom a credential is for: nothing secret goes from one origin to another.
    package struct Origin: Hashable, Sendable, CustomStringConvertible {
        /// How it is spoken to.
        package let scheme: Scheme
        /// Lower case; an IPv6 address keeps its brackets.
        package let host: String
        /// The port, the scheme's own when the address has none.
        package let port: UInt16

        /// `host`, with the port where it is not the scheme's own.
        package var authority: String { port == scheme.defaultPort ? host : "\(host):\(port)" }

        package var description: String { "\(scheme.rawValue)://\(authority)" }
    }

    /// A user and a password written into an address.
    package struct UserInfo: Hashable, Sendable {
        /// The user, decoded.
        package let user: String
        /// The password, decoded; a secret.
        package let password: String
    }

    /// Scheme, host and port.
    package let origin: Origin
    /// Percent-encoded, beginning with a slash.
    package let path: String
    /// Percent-encoded, without the question mark.
    package let query: String?
    /// What stood before the host; never part of ``text`` or ``description``.
    package let userInfo: UserInfo?

    /// Puts an address together; an empty path is `/`.
    package init(origin: Origin, path: String, query: String?, userInfo: UserInfo? = nil) {
        self.origin = origin
        self.path = path.isEmpty ? "/" : path
        self.query = query
        self.userInfo = userInfo
    }

    /// Reads an absolute address.
    ///
    /// - Returns: Nil for another scheme, an odd host or port, and control characters anywhere.
    package init?(_ text: String) {
        guard let clean = PercentEncoding.cleaned(text), let colon = clean.range(of: "://"),
            let scheme = Scheme(rawValue: clean[..<colon.lowerBound].lowercased())
        else { return nil }
        let rest = clean[colon.upperBound...]
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        guard let authority = Authority(rest[..<end], scheme: scheme) else { return nil }
        let tail = rest[end...].prefix { $0 != "#" }
        let mark = tail.firstIndex(of: "?") ?? tail.endIndex
        self.init(
            origin: authority.origin, path: String(tail[..<mark]),
            query: mark == tail.endIndex ? nil : String(tail[tail.index(after: mark)...]), userInfo: authority.userInfo)
    }

    /// The address as it is requested.
    package var text: String { "\(origin)\(path)" + (query.map { "?\($0)" } ?? "") }

    /// For messages: what follows the question mark is often a grant, and is left out.
    package var description: String { "\(origin)\(path)" + (query == nil ? "" : "?...") }

    /// The same address without user and password.
    package var withoutUserInfo: HTTPURL { HTTPURL(origin: origin, path: path, query: query) }

    /// The address of `name` below this one, which is taken for a folder; the query stays.
    ///
    /// - Returns: Nil when `name` could leave the folder or names nothing.
    package func appending(_ name: String) -> HTTPURL? {
        guard let encoded = PercentEncoding.path(name) else { return nil }
        let folder = path.hasSuffix("/") ? path : path + "/"
        return HTTPURL(origin: origin, path: folder + encoded, query: query, userInfo: userInfo)
    }

    /// The address with `items` added to the query, encoded.
    package func adding(_ items: [(name: String, value: String)]) -> HTTPURL {
        let added = items.map { "\(PercentEncoding.component($0.name))=\(PercentEncoding.component($0.value))" }
        let parts = (query.map { $0.isEmpty ? [] : [$0] } ?? []) + added
        return HTTPURL(
            origin: origin, path: path, query: parts.isEmpty ? nil : parts.joined(separator: "&"), userInfo: userInfo)
    }

    /// What a `Location` field means when this address answered it (RFC 3986, section 5).
    package func resolving(_ location: String) -> HTTPURL? {
        if location.contains("://"), let scheme = location.firstIndex(of: ":"),
            location[..<scheme].allSatisfy({ $0.isLetter || $0.isNumber || "+-.".contains($0) })
        {
            return HTTPURL(location)
        }
        if location.hasPrefix("//") { return HTTPURL("\(origin.scheme.rawValue):\(location)") }
        if location.hasPrefix("/") { return HTTPURL("\(origin)\(location)") }
        if location.hasPrefix("?") { return HTTPURL("\(origin)\(path)\(location)") }
        guard !location.isEmpty, let slash = path.lastIndex(of: "/") else { return nil }
        let mark = location.firstIndex { "?#".contains($0) } ?? location.endIndex
        let merged = Self.removingDots(path[...slash] + location[..<mark])
        return HTTPURL("\(origin)\(merged)\(location[mark...])")
    }

    private static func removingDots(_ path: some StringProtocol) -> String {
        var kept: [Substring] = []
        let segments = String(path).split(separator: "/", omittingEmptySubsequences: false).dropFirst().map { $0 }
        for segment in segments {
            if segment == ".." { _ = kept.popLast() } else if segment != "." { kept.append(segment) }
        }
        let endsInFolder = segments.last == "." || segments.last == ".."
        return "/" + kept.joined(separator: "/") + (endsInFolder && !kept.isEmpty ? "/" : "")
    }
}

extension String {
    /// Where `needle` stands first.
    fileprivate func range(of needle: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(needle) { return start..<index(start, offsetBy: needle.count) }
            start = index(after: start)
        }
        return nil
    }
}
