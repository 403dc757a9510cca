// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Fscache

/// `cache prune`: takes the coldest bytes out of a cache.
struct CachePruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Takes out what was not used for longest, in use or not, down to a size.")

    @Option(help: "Bytes that the directory may still take on disk.")
    var maxBytes: String

    @OptionGroup var options: CacheDirectoryOptions

    /// What `--json` prints; bytes on disk.
    struct Report: Encodable {
        var before: UInt64
        var after: UInt64
    }

    func run() throws {
        guard let limit = ByteSize(maxBytes) else {
            throw UsageError.badValue("max-bytes", text: maxBytes, wanted: "a number of bytes such as 512M")
        }
        let catalog = try CacheCatalog(options.directory())
        let pruned = try Cache(directory: catalog.directory).prune(to: limit.bytes)
        let report = Report(before: pruned.before, after: catalog.takenBytes)
        options.print(
            report, ["\(ByteSize(bytes: report.before)) before, \(ByteSize(bytes: report.after)) now"])
        guard report.after <= limit.bytes else {
            throw Failure("\(catalog.directory): what is left is pinned, or needed to look after the cache")
        }
    }
}
