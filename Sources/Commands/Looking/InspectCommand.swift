// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EROFS
import Glibc
import ImageReader
import Rafs

/// `inspect`: what stands in an image's superblock and device table, in one inode, or in a tree of them.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Superblock, devices and tables of an image, one inode with its extents, or a tree.",
        discussion: "Reads metadata only: no device is needed, and nothing of the files is fetched.")

    @Argument(help: "The image: a file or an address.")
    var image: String

    @Argument(help: "A path in the image; without it, the image as a whole.")
    var path: String?

    @OptionGroup var options: ImageOptions

    @Flag(help: "Everything below the path, one inode a line: type, mode, owner, links, size, time, nid, path.")
    var tree = false

    @Flag(help: "For other programs; with --tree, one object a line.")
    var json = false

    func run() throws {
        let (bootstrap, rafs) = try openImage()
        guard path != nil || tree else {
            let report = ImageReport(image, bootstrap.image, rafs.map { RafsReport($0.bootstrap) })
            return StandardOutput.write(json ? JSON.text(report) : report.lines)
        }
        // Extents are facts of the metadata: no device is needed to tell them.
        let reader = try ImageReader(bootstrap, devices: [], isMetadataOnly: true)
        let walk = ImagePath(reader: reader)
        let path = path ?? "/"
        let inode = try walk.inode(path)
        if tree { return try list(inode, path, reader) }
        let chunks = rafs.map { ChunkLookup(image: $0) }
        let report = try InodeReport(path, inode, try walk.extents(of: inode, 0..<inode.size), chunks)
        StandardOutput.write(json ? JSON.text(report) : report.lines)
    }

    private func list(_ inode: Inode, _ path: String, _ reader: ImageReader) throws {
        var failures = 0
        var text = ""
        TreeWalk(reader: reader).forEach(from: inode, at: path) { path, result in
            switch result {
            case .success(let inode):
                let line = TreeLine(path, inode, target: target(of: inode, reader))
                text += json ? JSON.line(line) : line.line
            case .failure(let error):
                failures += 1
                ErrorLine.tell("\(path): \(error)")
            }
            guard text.utf8.count >= 1 << 16 else { return }
            StandardOutput.write(text)
            text = ""
        }
        StandardOutput.write(text)
        guard failures == 0 else { throw Failure(code: 1) }
    }

    private func target(of inode: Inode, _ reader: ImageReader) -> String? {
        guard inode.type == .symbolicLink, inode.size <= UInt64(PATH_MAX) else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: Int(PATH_MAX), alignment: 1) { buffer in
            let count = try? reader.settling { () throws(ReadError) in
                try reader.read(inode, at: 0, into: buffer, on: .worker)
            }
            return count.map { String(decoding: buffer[..<$0], as: UTF8.self) }
        }
    }

    private func openImage() throws -> (Bootstrap, RafsImage?) {
        var opener = BlobOpener(image: image, try options.settings()) { ErrorLine.tell($0) }
        do {
            let bootstrap = try opener.bootstrap()
            return (bootstrap, try opener.rafsImage(bootstrap))
        } catch {
            throw Failure("\(image): \(error)")
        }
    }
}
