// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Fscache

/// `cache`: looks after a cache directory by hand.
struct CacheCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache", abstract: "Lists, measures, checks, fills and empties a cache directory.",
        subcommands: [
            CacheListCommand.self, CacheUsageCommand.self, CacheRemoveCommand.self, CachePruneCommand.self,
            CacheVerifyCommand.self, CacheSeedCommand.self, CacheAdoptCommand.self,
        ])
}

/// The options of all commands of `cache`.
struct CacheDirectoryOptions: ParsableArguments {
    @Option(help: "The cache directory (default: the user's).")
    var cacheDir: String?

    @Flag(help: "For other programs.")
    var json = false

    /// The directory's path.
    func directory() throws(AssemblyError) -> String { try Environment.cacheDirectory(unless: cacheDir) }

    /// Prints a report: as JSON, or as its lines.
    func print(_ report: some Encodable, _ lines: [String]) {
        StandardOutput.write(json ? JSON.text(report) : lines.map { $0.printable + "\n" }.joined())
    }
}

extension CacheCatalog {
    /// The volumes of these names, or all when none is named.
    ///
    /// - Throws: When there is none of a name.
    func volumes(called names: [String]) throws(Failure) -> [String] {
        let known = volumes
        for name in names where !known.contains(name) { throw Failure("\(directory): has no volume '\(name)'") }
        return known.filter { names.isEmpty || names.contains($0) }
    }
}
