// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import RemoteSources

/// The options that say what an image needs; the same for every command that opens one.
struct ImageOptions: ParsableArguments {
    @Option(help: "The next device slot's blob, in order: a file, or a name at the remotes. Repeatable.")
    var device: [String] = []

    @Option(
        help: "Where blobs come from: a directory, file://, http(s)://HOST/PREFIX, oci://HOST/REPOSITORY. Repeatable.")
    var remote: [String] = []

    @OptionGroup(title: "Remotes") var remotes: RemoteOptions

    @OptionGroup(title: "Limits of the cache") var limits: CacheOptions

    @Option(help: "Where fetched bytes are kept (default: the user's cache directory).")
    var cacheDir: String?

    @Option(help: "The name of the image's blobs in the cache.")
    var fsid: String?

    @Option(help: "The domain in which images share their blobs in the cache.")
    var domainId: String?

    @Flag(help: "Never fetch: what is not cached fails.")
    var offline = false

    @Option(help: "A TOML file with settings; options win over it.")
    var config: String?

    @Option(name: [.customShort("o")], help: "mount(8) options, and every long option as key=value.")
    var list: [String] = []

    @Option(help: "Bytes of the smallest fetch, a power of two (default: 16K).")
    var fetchWindow: String?

    @Option(help: "Bytes fetched ahead of a sequential reader at most (default: 8M).")
    var readAhead: String?

    @Option(help: "When fetched bytes are forced to disk: none, batched or every (default: batched).")
    var fsync: String?

    @Option(help: "A blob's list of digests, or a directory of lists NAME.digests: every fetched unit is checked.")
    var digests: String?

    @Option(help: "The root digest that a list of digests must have, as `digests` printed it. Repeatable.")
    var rootDigest: [String] = []

    @Option(help: "The digest that the whole image file, or its bootstrap, must have: sha256:HEX or blake3:HEX.")
    var bootstrapDigest: String?

    @Option(help: "Bytes of decoded clusters to keep (default: 8M).")
    var decodedCache: String?

    /// The settings of configuration file, `-o` options and flags, each winning over those before.
    ///
    /// - Parameter more: Flags that only some commands have.
    func settings(and more: [(name: String, value: String?)] = []) throws(UsageError) -> ImageSettings {
        var settings = ImageSettings()
        let given = list.flatMap { OptionList($0).options }
        let file = config ?? given.last { $0.name == "config" }?.value
        if let file { try ConfigurationFile.load(file, into: &settings) }
        // A list that is given anew replaces the file's.
        if !device.isEmpty || given.contains(where: { $0.name == "device" }) { settings.devices = [] }
        if !remote.isEmpty || given.contains(where: { $0.name == "remote" }) { settings.remotes = [] }
        if !remotes.mirror.isEmpty || given.contains(where: { $0.name == "mirror" }) {
            settings.transfer.registry.mirrors = []
        }
        for name in ["uid-map", "gid-map"] where (given + more).contains(where: { $0.name == name }) {
            settings.forgetOwners(name)
        }
        for (name, value) in given + flags + remotes.flags + limits.flags + more {
            guard try settings.take(name, value) else { throw .unknown(name) }
        }
        try settings.checkOwners()
        try settings.checkCache()
        try settings.proxy.check()
        try settings.checkFetchRate()
        return settings
    }

    /// The flags as settings.
    private var flags: [(name: String, value: String?)] {
        var result: [(name: String, value: String?)] = device.map { ("device", $0) } + remote.map { ("remote", $0) }
        let single = [
            ("cache-dir", cacheDir), ("fsid", fsid), ("domain-id", domainId),
            ("fetch-window", fetchWindow), ("read-ahead", readAhead), ("fsync", fsync), ("digests", digests),
            ("bootstrap-digest", bootstrapDigest), ("decoded-cache", decodedCache),
        ]
        for case (let name, let value?) in single { result.append((name, value)) }
        result += rootDigest.map { ("root-digest", $0) }
        if offline { result.append(("offline", nil)) }
        return result
    }
}
