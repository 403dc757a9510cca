// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Fscache

/// `cache rm`: removes cookies that nobody uses.
struct CacheRemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Removes a volume or some of its cookies; refuses what is in use.")

    @Argument(help: "The volume, as `cache ls` lists it.")
    var volume: String

    @Argument(help: "Its cookies (default: all).")
    var cookies: [String] = []

    @OptionGroup var options: CacheDirectoryOptions

    /// What `--json` prints.
    struct Report: Encodable {
        var removed: [String] = []
        var inUse: [String] = []
        var freed: UInt64 = 0
    }

    func run() throws {
        let catalog = try CacheCatalog(options.directory())
        _ = try catalog.volumes(called: [volume])
        let objects = catalog.objects(of: volume)
        for cookie in cookies where !objects.contains(where: { $0.isCalled(cookie) }) {
            throw Failure("\(volume): has no cookie '\(cookie)'")
        }
        let before = catalog.takenBytes
        var report = Report()
        for object in objects where cookies.isEmpty || cookies.contains(where: object.isCalled) {
            do throws(CacheError) {
                try object.remove()
                report.removed.append(object.key ?? object.name)
            } catch {
                guard case .inUse = error else { throw error }
                report.inUse.append(object.key ?? object.name)
            }
        }
        if cookies.isEmpty { catalog.removeIfEmpty(volume) }
        report.freed = before - min(before, catalog.takenBytes)
        options.print(
            report, report.removed.map { "removed \($0)" } + ["\(ByteSize(bytes: report.freed)) freed"])
        if !report.inUse.isEmpty { throw Failure("in use, not removed: \(report.inUse.joined(separator: ", "))") }
    }
}

extension CachedObject {
    /// Whether a user means this object: by its key, or by its file's name.
    func isCalled(_ name: String) -> Bool { name == key || name == self.name }
}
