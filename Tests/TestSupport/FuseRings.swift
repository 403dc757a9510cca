// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Whether mounts that are made now may have their requests through io_uring: a setting of the whole machine.
package enum FuseRings {
    static let setting = "/sys/module/fuse/parameters/enable_uring"

    /// Allows it while `body` makes a mount; then all is as it was.
    ///
    /// Other tests that make mounts meanwhile have the same, which must make no difference to them.
    package static func allowed<Result>(_ body: () throws -> Result) throws -> Result {
        let before = try bytes(ofFile: setting)
        defer { try? write(before, to: setting) }
        try write("Y", to: setting)
        return try body()
    }
}
