// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Digests
import Fscache
import Glibc

/// `cache adopt`: takes over what the kernel's cachefiles or nydusd have fetched.
struct CacheAdoptCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt",
        abstract: "Takes over a directory that Linux's cachefiles or nydusd has filled; nothing in it is changed.")

    @Argument(help: "The directory: with cache/ in it (cachefiles), or with *.blob.data (nydusd).")
    var source: String

    @Option(help: "For nydusd: the image's bootstrap, which says what the blobs' chunks are.")
    var image: String?

    @Option(help: "For nydusd: the volume to fill: erofs, and the mount's --domain-id or --fsid, with a comma between.")
    var volume: String?

    @OptionGroup var options: CacheDirectoryOptions

    /// What `--json` prints.
    struct Report: Encodable {
        var adopted: [Adopted] = []
        var refused: [String: String] = [:]
    }

    /// What was taken over of a cookie.
    struct Adopted: Encodable {
        var volume: String
        var cookie: String
        var bytes: UInt64
    }

    func run() throws {
        var report = Report()
        if access(source + "/cache", F_OK) == 0 {
            try adoptKernel(&report)
        } else if let image, let volume {
            try NydusAdoption(directory: source, image: image, volume: volume, cache: cache()).run(&report)
        } else {
            throw Failure("\(source): has no cache/ in it; what nydusd has filled needs --image and --volume")
        }
        let adopted = report.adopted.map { "\($0.volume) \($0.cookie): \(ByteSize(bytes: $0.bytes))" }
        options.print(report, adopted + report.refused.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" })
        guard report.refused.isEmpty || !report.adopted.isEmpty else { throw Failure("nothing could be taken over") }
    }

    private func cache() throws -> Cache { try Cache(directory: options.directory()) }

    private func adoptKernel(_ report: inout Report) throws {
        guard FileSystemTraits(of: source).tellsHoles else {
            throw Failure("\(source): its file system does not say exactly where files have holes")
        }
        let cache = try cache()
        for volume in KernelObject.volumes(in: source) {
            for path in KernelObject.paths(in: source, volume: volume) {
                do throws(KernelObject.Refusal) {
                    try adopt(try KernelObject(path: path, volume: volume), into: cache, &report)
                } catch {
                    report.refused[path] = error.sentence
                }
            }
        }
    }

    private func adopt(
        _ object: KernelObject, into cache: Cache, _ report: inout Report
    ) throws(KernelObject.Refusal) {
        let runs = object.runs
        let isWhole = runs == [0..<object.size]
        // A copy tool may have filled the holes of an object that has none.
        if isWhole {
            guard let digest = Digest(object.key),
                (try? FileDigest.of(object.file, digest.algorithm, path: object.path)) == digest
            else {
                report.refused[object.path] = "has no hole at all, and no digest says that its bytes are right"
                return
            }
        }
        do {
            let cookie = try cache.volume(object.volume).cookie(object.key, size: object.size)
            var bytes: UInt64 = 0
            for run in runs {
                for missing in cookie.missing(in: run) {
                    try cookie.take(missing, from: object.file)
                    bytes += UInt64(missing.count)
                }
            }
            report.adopted.append(Adopted(volume: object.volume, cookie: object.key, bytes: bytes))
        } catch {
            report.refused[object.path] = "\(error)"
        }
    }
}

extension KernelObject.Refusal {
    fileprivate var sentence: String {
        switch self {
        case .attribute: "has no attribute as cachefiles writes it, or was being written"
        case .name: "has a name that does not tell its key"
        case .length: "is shorter than its attribute says"
        case .system(let code): "cannot be opened: \(String(cString: strerror(code)))"
        }
    }
}
