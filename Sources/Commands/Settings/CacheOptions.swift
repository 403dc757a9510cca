// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The options that keep the cache within limits.
struct CacheOptions: ParsableArguments {
    @Option(help: "Bytes that the cache directory may take on disk; what was not used for longest goes (default: any).")
    var maxBytes: String?

    @Option(help: "Culling ends when this percentage of the disk's blocks is free (with a limit of blocks: 7).")
    var brun: String?

    @Option(help: "Culling begins when less is free (5).")
    var bcull: String?

    @Option(help: "Nothing more is cached when less is free (1).")
    var bstop: String?

    @Option(help: "As --brun, of inodes (with a limit of inodes: 7).")
    var frun: String?

    @Option(help: "As --bcull, of inodes (5).")
    var fcull: String?

    @Option(help: "As --bstop, of inodes (1).")
    var fstop: String?

    @Flag(help: "What this mount uses stays in the cache as long as it is mounted.")
    var pin = false

    /// The options as settings.
    var flags: [(name: String, value: String?)] {
        let given = [
            ("max-bytes", maxBytes), ("brun", brun), ("bcull", bcull), ("bstop", bstop), ("frun", frun),
            ("fcull", fcull), ("fstop", fstop),
        ]
        return given.filter { $0.1 != nil } + (pin ? [("pin", nil)] : [])
    }
}
