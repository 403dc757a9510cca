// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests

/// The name of an image or of a repository in a registry: `oci://HOST[:PORT]/REPOSITORY[:TAG][@DIGEST]`.
package struct ImageReference: Hashable, Sendable, CustomStringConvertible {
    /// Why a text is no reference.
    package enum Problem: Error, Equatable, Sendable, CustomStringConvertible {
        case notOCI(String)
        case noRepository(String)
        case badRegistry(String)
        case badRepository(String)
        case badTag(String)
        case badDigest(String)

        package var description: String {
            switch self {
            case .notOCI(let text): "\(text): a reference begins with oci://"
            case .noRepository(let text): "\(text): no repository after the registry"
            case .badRegistry(let text): "\(text.debugDescription) is no host[:port] of a registry"
            case .badRepository(let text): "\(text.debugDescription) is no name of a repository"
            case .badTag(let text): "\(text.debugDescription) is no tag"
            case .badDigest(let text): "\(text.debugDescription) is no SHA-256 digest"
            }
        }
    }

    /// `host[:port]` as it was written, in lower case; Docker Hub is `docker.io`.
    package let registry: String
    /// The repository, with `library/` for the short names of Docker Hub.
    package let repository: String
    /// The tag, when one is given.
    package let tag: String?
    /// The manifest's digest, when one is given.
    package let digest: String?

    /// Reads a reference.
    package init(_ text: String) throws(Problem) {
        guard text.lowercased().hasPrefix("oci://") else { throw .notOCI(text) }
        let rest = text.dropFirst(6)
        guard let slash = rest.firstIndex(of: "/") else { throw .noRepository(text) }
        let registry = rest[..<slash].lowercased()
        guard let authority = Authority(registry, scheme: .https), authority.userInfo == nil else {
            throw .badRegistry(registry)
        }
        let hub = ["docker.io", "index.docker.io", "registry-1.docker.io"].contains(registry)
        self.registry = hub ? "docker.io" : registry
        var name = rest[rest.index(after: slash)...]
        digest = try Self.takeDigest(&name)
        tag = try Self.takeTag(&name)
        while name.hasSuffix("/") { name = name.dropLast() }
        let repository = hub && !name.contains("/") ? "library/\(name)" : String(name)
        guard Self.isRepository(repository) else { throw .badRepository(repository) }
        self.repository = repository
    }

    private static func takeDigest(_ name: inout Substring) throws(Problem) -> String? {
        guard let at = name.firstIndex(of: "@") else { return nil }
        let text = name[name.index(after: at)...]
        guard text.hasPrefix("sha256:"), let digest = Digest(text) else { throw .badDigest(String(text)) }
        name = name[..<at]
        return digest.description
    }

    private static func takeTag(_ name: inout Substring) throws(Problem) -> String? {
        guard let colon = name.lastIndex(of: ":") else { return nil }
        let tag = name[name.index(after: colon)...]
        guard isTag(tag) else { throw .badTag(String(tag)) }
        name = name[..<colon]
        return String(tag)
    }

    private static func isTag(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 128 else { return false }
        return isWord(first)
            && text.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func isRepository(_ name: String) -> Bool {
        guard name.utf8.count <= 255 else { return false }
        return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
            guard let first = part.first, let last = part.last else { return false }
            let alphanumeric = { (c: Character) in c.isASCII && (c.isNumber || (c.isLetter && c.isLowercase)) }
            return alphanumeric(first) && alphanumeric(last)
                && part.allSatisfy { alphanumeric($0) || "._-".contains($0) }
        }
    }

    /// What a manifest is asked for by: the digest when there is one.
    package var manifestName: String { digest ?? tag ?? "latest" }

    package var description: String {
        "oci://\(registry)/\(repository)" + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "")
    }
}
