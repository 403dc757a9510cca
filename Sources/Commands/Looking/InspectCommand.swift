// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EROFS
import ImageReader

/// `inspect`: what stands in an image's superblock and device table, or in one inode.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Superblock and devices of an image, or one inode with its extents.")

    @Argument(help: "The image: a file or an address.")
    var image: String

    @Argument(help: "A path in the image; without it, the image as a whole.")
    var path: String?

    @OptionGroup var options: ImageOptions

    @Flag(help: "For other programs.")
    var json = false

    func run() throws {
        let bootstrap = try openBootstrap()
        guard let path else {
            let report = ImageReport(image, bootstrap.image)
            return StandardOutput.write(json ? JSON.text(report) : report.lines)
        }
        // Extents are facts of the metadata: no device is needed to tell them.
        let reader = try ImageReader(bootstrap, devices: [], isMetadataOnly: true)
        let walk = ImagePath(reader: reader)
        let inode = try walk.inode(path)
        let report = InodeReport(path, inode, try walk.extents(of: inode, 0..<inode.size), bootstrap.image)
        StandardOutput.write(json ? JSON.text(report) : report.lines)
    }

    private func openBootstrap() throws -> Bootstrap {
        var opener = BlobOpener(image: image, try options.settings()) { ErrorLine.writeRaw("swift-erofs-fuse: \($0)") }
        do {
            return try Bootstrap(try opener.primary())
        } catch {
            throw Failure("\(image): \(error)")
        }
    }
}
