// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `umount`: takes an image away from a directory, and waits for its server.
struct UmountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "umount", abstract: "Takes an image away again, and waits until its server has ended.")

    /// Milliseconds that a server may take to end; it forces bytes to disk and writes its --record list.
    static let patience: UInt64 = 10_000

    @Argument(help: "The directory that the image is shown at.")
    var mountPoint: String

    @Flag(name: .shortAndLong, help: "Even while it is in use; it goes when nobody uses it any more.")
    var lazy = false

    func run() throws {
        // Nobody knows when a mount goes that is in use.
        let server = lazy ? nil : ServingProcess(mountPoint: mountPoint)
        try Unmounting.unmount(mountPoint, lazily: lazy)
        guard let server, !server.hasEnded(withinMilliseconds: UmountCommand.patience) else { return }
        throw Failure(
            "\(mountPoint): unmounted, but its server, process \(server.id), has not ended after "
                + "\(UmountCommand.patience / 1000) s; it goes on while the mount is seen in another mount namespace")
    }
}
