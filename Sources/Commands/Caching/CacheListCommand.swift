// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Fscache

/// `cache ls`: the volumes of a cache and their cookies.
struct CacheListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "Lists volumes and cookies: size, bytes present, bytes on disk, use.")

    @Argument(help: "Volumes to list (default: all).")
    var volumes: [String] = []

    @OptionGroup var options: CacheDirectoryOptions

    /// What `--json` prints of a volume.
    struct Volume: Encodable {
        var volume: String
        var cookies: [Cookie]
    }

    /// What `--json` prints of a cookie; numbers are missing where its map is no sound one.
    struct Cookie: Encodable {
        var cookie: String
        var object: String
        var size: UInt64?
        var present: UInt64?
        var onDisk: UInt64?
        var validator: String?
        var inUse: Bool
        var pinned: Bool
    }

    func run() throws {
        let catalog = try CacheCatalog(options.directory())
        let report = try catalog.volumes(called: volumes).map {
            Volume(volume: $0, cookies: catalog.objects(of: $0).map(Cookie.init))
        }
        options.print(report, report.flatMap(\.lines))
    }
}

extension CacheListCommand.Volume {
    fileprivate var lines: [String] { [volume] + cookies.map { "  " + $0.line } }
}

extension CacheListCommand.Cookie {
    fileprivate init(_ object: CachedObject) {
        self.init(
            cookie: object.key ?? object.name, object: object.path, size: object.content?.size,
            present: object.content?.present, onDisk: object.content?.allocated, validator: object.content?.validator,
            inUse: object.content?.isInUse == true, pinned: object.content?.isPinned == true)
    }

    fileprivate var line: String {
        guard let size, let present, let onDisk else { return "\(cookie): no sound map" }
        let use = pinned ? ", in use, pinned" : inUse ? ", in use" : ""
        return "\(cookie): \(ByteSize(bytes: present)) of \(ByteSize(bytes: size)), "
            + "\(ByteSize(bytes: onDisk)) on disk\(use)"
    }
}
