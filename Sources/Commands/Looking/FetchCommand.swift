// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BlobFetch
import Fscache
import Glibc
import ImageReader

/// `fetch`: fills the cache ahead with what files need.
struct FetchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Fills the cache ahead: with some files and directories, or with the whole tree.")

    @Argument(help: "The image: a file or an address.")
    var image: String

    @Argument(help: "Paths in the image; directories with all below them. Default: everything.")
    var paths: [String] = []

    @OptionGroup var options: ImageOptions

    func run() throws {
        var settings = try options.settings()
        let limit = settings.cache.limits.maxBytes
        // What runs ahead must not take out what was fetched before.
        if let limit { settings.fetch.largestReadAhead = min(settings.fetch.largestReadAhead, limit / 64) }
        let assembly = try ImageAssembly(image, settings) {
            ErrorLine.tell($0)
        }
        defer { assembly.volume?.cache.flush() }
        let walk = ImagePath(reader: assembly.reader)
        let fetch = TreeFetch(reader: assembly.reader, maxBytes: limit) {
            assembly.fetchedBytes
        }
        let bar = ProgressLine(isShown: isatty(2) == 1) {
            let progress = fetch.progress
            return "\(progress.files) files, \(ByteSize(bytes: assembly.fetchedBytes)) fetched"
        }
        defer { bar.stop() }
        for path in paths.isEmpty ? ["/"] : paths { try fetch.run(try walk.inode(path), path) }
        bar.stop()
        let progress = fetch.progress
        let (fetched, moved) = (assembly.fetchedBytes, assembly.movedBytes)
        let packed = moved == fetched ? "" : ", packed \(ByteSize(bytes: moved))"
        StandardOutput.write("\(progress.files) files, \(ByteSize(bytes: fetched)) fetched\(packed)\n")
        if progress.isCacheFull, let limit {
            throw Failure(
                "the cache may take \(ByteSize(bytes: limit)), and that is not enough: the rest was not fetched")
        }
        if assembly.blobs.contains(where: \.hasUncached) {
            throw Failure("the disk of the cache is full: not all that was fetched could be kept")
        }
        guard progress.failures == 0 else { throw Failure("\(progress.failures) files could not be fetched") }
    }
}
