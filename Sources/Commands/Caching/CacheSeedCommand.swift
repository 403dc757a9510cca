// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Digests
import Fscache
import Glibc
import Primitives

/// `cache seed`: puts a blob that is here already into a cache.
struct CacheSeedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seed",
        abstract: "Puts a whole blob file into the cache, sharing its blocks where the file system can.")

    @Argument(help: "The blob: a file.")
    var file: String

    @Argument(help: "The volume: erofs, and the mount's --domain-id or --fsid, with a comma between.")
    var volume: String

    @Option(help: "The cookie: the blob's name at the remotes (default: the file's name).")
    var name: String?

    @OptionGroup var options: CacheDirectoryOptions

    /// What `--json` prints.
    struct Report: Encodable {
        var volume: String
        var cookie: String
        var bytes: UInt64
        /// Whether the blob has the digest that names it; nil for a name that is none.
        var digestChecked: Bool
    }

    func run() throws {
        let source = try Descriptor.open(file, O_RDONLY)
        let size = try source.size()
        let name = name ?? file.split(separator: "/").last.map(String.init) ?? file
        let digest = Digest(name)
        if let digest {
            guard try FileDigest.of(source, digest.algorithm, path: file) == digest else {
                throw Failure("\(file): does not have the digest '\(name)'")
            }
        }
        let cache = try Cache(directory: options.directory(), policy: .batched)
        if CachedObject.isInUse(name, volume: volume, in: cache) { throw CacheError.inUse("\(volume) \(name)") }
        let cookie = try cache.volume(volume).cookie(name, size: size)
        try cookie.discard(0..<size)
        try cookie.take(0..<size, from: source)
        cookie.noteIsBlobItself()
        let report = Report(volume: volume, cookie: name, bytes: size, digestChecked: digest != nil)
        options.print(report, ["\(volume) \(name): \(ByteSize(bytes: size))"])
    }
}

extension CachedObject {
    /// Whether somebody has the cookie open.
    static func isInUse(_ key: String, volume: String, in cache: Cache) -> Bool {
        guard let catalog = try? CacheCatalog(cache.directory) else { return false }
        return catalog.objects(of: volume).contains { $0.key == key && $0.content?.isInUse == true }
    }
}

/// The digest of a file's content.
enum FileDigest {
    /// Reads the whole file.
    static func of(_ file: Descriptor, _ algorithm: Digest.Algorithm, path: String) throws(SystemError) -> Digest {
        var stream = DigestStream(algorithm)
        try file.forEachPiece(path: path) { piece in
            stream.update(piece)
            return true
        }
        return stream.finish()
    }
}
