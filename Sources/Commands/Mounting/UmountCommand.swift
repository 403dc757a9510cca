// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import Primitives

/// `umount`: takes an image away from a directory.
struct UmountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "umount", abstract: "Takes an image away again.")

    @Argument(help: "The directory that the image is shown at.")
    var mountPoint: String

    @Flag(name: .shortAndLong, help: "Even while it is in use; it goes when nobody uses it any more.")
    var lazy = false

    func run() throws {
        if umount2(mountPoint, lazy ? Int32(MNT_DETACH) : 0) == 0 { return }
        // Only the superuser may unmount by itself; fusermount3 does it for others, if they mounted it.
        guard errno == EPERM else { throw SystemError("umount", on: mountPoint) }
        try Program.run(["fusermount3", "-u"] + (lazy ? ["-z"] : []) + ["--", mountPoint])
    }
}
