// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EROFS
import ImageReader

/// `explain`: the way of a read, step by step, without fetching anything of the file.
///
/// Of a RAFS image's blobs the tables are fetched, for only they say what a chunk is made from.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "From a path to its inode, extents, cookies, verdicts and remote ranges, without fetching.")

    @Argument(help: "The image: a file or an address.")
    var image: String

    @Argument(help: "A path in the image.")
    var path: String

    @Option(help: "Where in the file to begin, in bytes.")
    var offset: UInt64 = 0

    @Option(help: "How many bytes to explain (default: to the end).")
    var length: UInt64?

    @OptionGroup var options: ImageOptions

    @Flag(help: "For other programs.")
    var json = false

    func run() throws {
        let settings = try options.settings()
        let assembly = try ImageAssembly(image, settings) { ErrorLine.tell($0) }
        let walk = ImagePath(reader: assembly.reader)
        let inode = try walk.inode(path)
        let (sum, overflow) = offset.addingReportingOverflow(length ?? inode.size)
        let range = offset..<max(offset, min(inode.size, overflow ? inode.size : sum))
        let report = try ExplainReport(path, inode, try walk.extents(of: inode, range), range, assembly)
        StandardOutput.write(json ? JSON.text(report) : report.lines)
    }
}
