// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The options that say whom the files of a mount belong to.
struct OwnerOptions: ParsableArguments {
    @Option(help: "Show the image's users FROM... as TO..., as FROM:TO:COUNT; all others as 65534. Repeatable.")
    var uidMap: [String] = []

    @Option(help: "The same for groups. Repeatable.")
    var gidMap: [String] = []

    @Flag(help: "Show everything as root's.")
    var squashToRoot = false

    /// The flags as settings.
    var flags: [(name: String, value: String?)] {
        uidMap.map { ("uid-map", $0) } + gidMap.map { ("gid-map", $0) }
            + (squashToRoot ? [("squash-to-root", nil)] : [])
    }
}
