// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc

/// `mount`: shows an image at a directory.
struct MountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mount", abstract: "Shows an image as a tree; returns once it can be read.")

    @Argument(help: "The image or bootstrap: a file or an address.")
    var image: String

    @Argument(help: "The directory to show it at.")
    var mountPoint: String

    @OptionGroup var options: ImageOptions

    @OptionGroup var owners: OwnerOptions

    @OptionGroup var prefetching: PrefetchOptions

    @Option(help: "Make a socket here, and let who connects to it fill the blobs; see `fill`.")
    var filler: String?

    @Flag(name: [.customLong("foreground"), .customShort("f")], help: "Stay attached to the terminal.")
    var foreground = false

    @Option(help: "The file that takes what goes wrong while the image is mounted (default: nowhere).")
    var logFile: String?

    @Option(help: .hidden) var readyFd: Int32?

    func run() throws {
        let settings = try options.settings(
            and: owners.flags + prefetching.flags + (filler.map { [("filler", $0)] } ?? []))
        guard foreground else { return try BackgroundStart.run("mount", Array(CommandLine.arguments.dropFirst())) }
        let mount = ForegroundMount(
            image: image, mountPoint: mountPoint, settings: settings, logFile: logFile, readyDescriptor: readyFd)
        try mount.run()
    }
}
