// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// What a registry asks for before it answers (`WWW-Authenticate`).
package enum AuthChallenge: Equatable, Sendable {
    case basic
    /// A token is to be got from `realm`.
    case bearer(realm: String, service: String?, scope: String?)

    /// Takes the best challenge of an answer that we can meet: a token before a password.
    package init?(_ fields: [String]) {
        let offers = fields.flatMap { ChallengeReader.read($0) }
        if let bearer = offers.first(where: { $0.scheme == "bearer" }), let realm = bearer.parameters["realm"] {
            self = .bearer(realm: realm, service: bearer.parameters["service"], scope: bearer.parameters["scope"])
        } else if offers.contains(where: { $0.scheme == "basic" }) {
            self = .basic
        } else {
            return nil
        }
    }
}

/// Takes a `WWW-Authenticate` field apart, which may hold several challenges and quoted commas.
struct ChallengeReader {
    /// One way in.
    struct Offer: Equatable {
        /// The scheme, in lower case.
        var scheme: String
        /// The parameters, with keys in lower case.
        var parameters: [String: String] = [:]
    }

    /// The challenges of a field, in order.
    static func read(_ field: String) -> [Offer] {
        var offers: [Offer] = []
        for item in items(field) {
            guard let equals = item.firstIndex(of: "=") else {
                offers.append(Offer(scheme: item.lowercased()))
                continue
            }
            var key = item[..<equals]
            if let space = key.lastIndex(of: " ") {
                offers.append(Offer(scheme: key[..<space].lowercased()))
                key = key[key.index(after: space)...]
            }
            guard !offers.isEmpty else { continue }
            offers[offers.count - 1].parameters[key.lowercased()] = unquoted(item[item.index(after: equals)...])
        }
        return offers
    }

    /// The parts between commas that are not quoted.
    private static func items(_ field: String) -> [String] {
        var items = [""]
        var isQuoted = false
        var isEscaped = false
        for character in field {
            if character == ",", !isQuoted {
                items.append("")
                continue
            }
            if character == "\"", !isEscaped { isQuoted.toggle() }
            isEscaped = character == "\\" && !isEscaped
            items[items.count - 1].append(character)
        }
        return items.map(trimmed).filter { !$0.isEmpty }
    }

    private static func trimmed(_ text: String) -> String {
        var rest = text[...]
        while rest.first == " " { rest = rest.dropFirst() }
        while rest.last == " " { rest = rest.dropLast() }
        return String(rest)
    }

    private static func unquoted(_ text: Substring) -> String {
        guard text.count >= 2, text.first == "\"", text.last == "\"" else { return String(text) }
        var result = ""
        var isEscaped = false
        for character in text.dropFirst().dropLast() {
            isEscaped = character == "\\" && !isEscaped
            if !isEscaped { result.append(character) }
        }
        return result
    }
}
