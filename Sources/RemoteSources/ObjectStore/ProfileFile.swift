// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// A file of profiles as Amazon's tools keep them: `[name]` lines, and `key = value` lines below each.
struct ProfileFile {
    private var profiles: [String: [String: String]] = [:]

    /// Reads the text; lines that make no sense are passed over.
    init(_ text: String) {
        var name = ""
        for line in text.split(whereSeparator: \.isNewline) {
            let line = Self.trimmed(line)
            if line.hasPrefix("#") || line.hasPrefix(";") { continue }
            if line.hasPrefix("["), let end = line.firstIndex(of: "]") {
                name = Self.trimmed(line[line.index(after: line.startIndex)..<end])
                if name.hasPrefix("profile ") { name = Self.trimmed(name.dropFirst("profile ".count)) }
            } else if let equals = line.firstIndex(of: "=") {
                let key = Self.trimmed(line[..<equals]).lowercased()
                profiles[name, default: [:]][key] = Self.trimmed(line[line.index(after: equals)...])
            }
        }
    }

    /// The values of a profile.
    subscript(profile: String) -> [String: String] { profiles[profile] ?? [:] }

    private static func trimmed(_ text: some StringProtocol) -> String {
        var rest = text[...]
        while let first = rest.first, first == " " || first == "\t" { rest = rest.dropFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest = rest.dropLast() }
        return String(rest)
    }
}
