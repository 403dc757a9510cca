// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// An image mounted by the program under test, with the server process in the test's own hands.
package final class MountedImage {
    package let mountpoint: String
    /// The serving process, in the foreground.
    package let server: RunningProcess

    /// Mounts and waits until the mount is in the mount table.
    ///
    /// - Parameters:
    ///   - image: the IMAGE argument.
    ///   - options: everything before it on the command line.
    ///   - account: who mounts; nil: the caller.
    ///   - environment: variables that the program gets beside the usual ones.
    package init(
        _ image: String, at mountpoint: String, options: [String] = [], as account: Account? = nil,
        environment: [String: String] = [:]
    ) throws {
        self.mountpoint = mountpoint
        let command = [try PackageFiles.program(), "mount", "--foreground"] + options + [image, mountpoint]
        let server = try RunningProcess(
            command, as: account, environment: MountedImage.environment.merging(environment) { $1 })
        self.server = server
        try eventually("mounting \(image)") {
            guard server.isRunning else {
                throw TestFailure("mount of \(image) ended: \(try server.wait().errors)")
            }
            return try MountTable.entry(at: mountpoint) != nil
        }
    }

    deinit { abandon() }

    /// Unmounts as a user does, and waits until the server has ended.
    ///
    /// - Returns: the server's end.
    @discardableResult
    package func unmount(as account: Account? = nil) throws -> Outcome {
        try runToSuccess([PackageFiles.program(), "umount", mountpoint], as: account)
        return try server.wait()
    }

    /// A number of `status --json`; nil when there is none of that name.
    package func status(_ name: String) throws -> Int? {
        let text = try program(["status", "--json", mountpoint]).output.filter { $0 != " " }
        let line = text.split(separator: "\n").first { $0.hasPrefix("\"\(name)\":") }
        return line.flatMap { Int($0.drop { !$0.isNumber }.prefix { $0.isNumber }) }
    }

    /// Ends the server at once, as a crash would, and removes the dead mount.
    package func abandon() {
        server.kill()
        MountTable.detachAll(below: mountpoint)
    }

    /// What every run of the program gets: backtraces of a crash take minutes and say little in a test.
    package static let environment = ["SWIFT_BACKTRACE": "enable=no", "http_proxy": "", "no_proxy": "127.0.0.1"]
}

/// Runs the program under test to its end.
package func program(_ arguments: [String], as account: Account? = nil, within limit: Int = 120) throws -> Outcome {
    try run([PackageFiles.program()] + arguments, as: account, environment: MountedImage.environment, within: limit)
}
