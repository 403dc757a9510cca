// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Follows redirects of one request, hop by hop.
package struct RedirectPolicy: Sendable {
    /// Why a redirect is not followed.
    package enum Refusal: Error, Equatable, Sendable, CustomStringConvertible {
        case tooMany(Int)
        case loop(String)
        case noLocation
        case forbidden(String)
        case downgrade(String)

        package var description: String {
            switch self {
            case .tooMany(let limit): "more than \(limit) redirects"
            case .loop(let address): "redirects lead in a circle to \(address)"
            case .noLocation: "a redirect without Location"
            case .forbidden(let location): "a redirect to \(location), which is neither http nor https"
            case .downgrade(let address): "a redirect from https to \(address)"
            }
        }
    }

    private let limit: Int
    private var visited: Set<HTTPURL>
    /// Where the request stands.
    private(set) package var current: HTTPURL

    /// A request that has not been redirected yet.
    package init(start: HTTPURL, limit: Int) {
        current = start
        self.limit = limit
        visited = [start]
    }

    /// Whether a status is a redirect of a GET.
    package static func isRedirect(status: Int) -> Bool { [301, 302, 303, 307, 308].contains(status) }

    /// Goes where `location` points.
    package mutating func follow(_ location: String?) throws(Refusal) -> HTTPURL {
        guard let location else { throw .noLocation }
        guard let next = current.resolving(location)?.withoutUserInfo else {
            throw .forbidden(String(location.prefix { $0 != "?" }.prefix(80)))
        }
        if current.origin.scheme == .https, next.origin.scheme == .http { throw .downgrade(next.description) }
        guard visited.insert(next).inserted else { throw .loop(next.description) }
        guard visited.count - 1 <= limit else { throw .tooMany(limit) }
        current = next
        return next
    }
}
