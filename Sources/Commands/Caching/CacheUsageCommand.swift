// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Fscache

/// `cache du`: what a cache takes of the disk.
struct CacheUsageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "du", abstract: "Says what a cache takes on disk, as a whole and by volume.")

    @OptionGroup var options: CacheDirectoryOptions

    /// What `--json` prints; all in bytes on disk.
    struct Report: Encodable {
        /// Everything in the directory.
        var total: UInt64
        /// Objects and their maps.
        var volumes: [String: UInt64]
        /// Directories, copies of wrong blobs, manifests.
        var other: UInt64
    }

    func run() throws {
        let catalog = try CacheCatalog(options.directory())
        var volumes: [String: UInt64] = [:]
        for volume in catalog.volumes {
            volumes[volume] = catalog.objects(of: volume).reduce(0) { $0 + ($1.content?.allocated ?? 0) }
        }
        let total = catalog.takenBytes
        let other = total - min(total, volumes.values.reduce(0, +))
        let report = Report(total: total, volumes: volumes, other: other)
        let rows = volumes.sorted { $0.key < $1.key } + [("other", other), ("total", total)]
        options.print(report, rows.map { "\(ByteSize(bytes: $0.value))\t\($0.key)" })
    }
}
