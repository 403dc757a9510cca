// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `umount`: takes an image away from a directory.
struct UmountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "umount", abstract: "Takes an image away again.")

    @Argument(help: "The directory that the image is shown at.")
    var mountPoint: String

    @Flag(name: .shortAndLong, help: "Even while it is in use; it goes when nobody uses it any more.")
    var lazy = false

    func run() throws { try Unmounting.unmount(mountPoint, lazily: lazy) }
}
