// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch

/// What a mount fetches ahead of its readers, and what it notes for the next one.
struct PrefetchSettings: Sendable {
    /// Where to write what readers waited for.
    var record: String?
    /// A file that was written so, or `all`.
    var plan: String?
    /// Bytes a second at most for `all`; 0 for no limit.
    var rate: UInt64 = 8 << 20
}

extension ImageSettings {
    /// Takes one of these settings.
    ///
    /// - Returns: False for any other.
    mutating func takePrefetch(_ name: String, _ value: String?) throws(UsageError) -> Bool {
        switch name {
        case "record":
            prefetch.record = try text(name, value)
            // What is fetched ahead is not waited for, and would be missing in the list.
            fetch.recorder = TouchRecorder()
        case "prefetch": prefetch.plan = try text(name, value)
        case "prefetch-rate": prefetch.rate = try number(name, value, 0...(1 << 40))
        default: return false
        }
        return true
    }

    /// The settings of fetches: a recording mount fetches nothing ahead, because nobody would wait for that.
    var fetching: FetchSettings {
        var result = fetch
        if fetch.recorder != nil { result.largestReadAhead = 0 }
        return result
    }
}
