// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The options of `mount` about fetching ahead.
struct PrefetchOptions: ParsableArguments {
    @Option(help: "The file to write, at the end, what readers waited for; record with an empty cache.")
    var record: String?

    @Option(help: "Fetch ahead: the parts in a file that --record wrote, 'all', or what the 'image' itself says.")
    var prefetch: String?

    @Option(help: "Bytes a second at most for 'all', 0 for no limit (default: 8M).")
    var prefetchRate: String?

    /// The options as settings.
    var flags: [(name: String, value: String?)] {
        [("record", record), ("prefetch", prefetch), ("prefetch-rate", prefetchRate)].filter { $0.1 != nil }
    }
}
