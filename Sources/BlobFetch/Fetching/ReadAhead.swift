// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Notices readers that go through a blob from front to back, and says how far to fetch ahead of them.
///
/// A value without clock or threads. It remembers a few readers at a time; each hit of the expected place doubles how
/// far is fetched ahead, and a reader that jumps starts anew.
struct ReadAhead: Equatable, Sendable {
    private struct Stream: Equatable {
        /// Where the reader is expected next.
        var next: UInt64
        /// Bytes ahead of `next` that were asked for.
        var frontier: UInt64
        /// Bytes to ask for at a time.
        var depth: UInt64
        var lastUse: UInt64
    }

    /// Readers followed at once.
    static let streamLimit = 16
    /// The first step ahead, in windows.
    static let firstDepth: UInt64 = 4

    let window: UInt64
    let largest: UInt64
    private var streams: [Stream] = []
    private var clock: UInt64 = 0

    init(window: UInt64, largest: UInt64) {
        self.window = window
        self.largest = largest
    }

    /// A reader has to wait for `range`, which lies in a blob of `size` bytes.
    ///
    /// - Returns: What to fetch ahead; nil for a reader that is not sequential, or has enough ahead of it.
    mutating func missed(_ range: Range<UInt64>, size: UInt64) -> Range<UInt64>? {
        guard largest > 0 else { return nil }
        clock += 1
        guard let index = streams.firstIndex(where: { follows(range, $0) }) else {
            remember(Stream(next: range.upperBound, frontier: range.upperBound, depth: 0, lastUse: clock))
            return nil
        }
        var stream = streams[index]
        defer { streams[index] = stream }
        stream.next = max(stream.next, range.upperBound)
        stream.frontier = max(stream.frontier, stream.next)
        stream.depth = min(largest, stream.depth == 0 ? ReadAhead.firstDepth * window : stream.depth * 2)
        stream.lastUse = clock
        // Half of what was asked for may still be on its way before more is asked for.
        let wanted = min(size, stream.next + stream.depth)
        guard wanted > stream.frontier, wanted - stream.frontier >= min(stream.depth / 2, size - stream.frontier) else {
            return nil
        }
        defer { stream.frontier = wanted }
        return stream.frontier..<wanted
    }

    /// Whether a miss continues what a reader did: it begins where the reader was expected, or within what lies ahead.
    private func follows(_ range: Range<UInt64>, _ stream: Stream) -> Bool {
        range.lowerBound + window >= stream.next && range.lowerBound <= stream.frontier + window
    }

    private mutating func remember(_ stream: Stream) {
        guard streams.count >= ReadAhead.streamLimit else { return streams.append(stream) }
        let oldest = streams.indices.min { streams[$0].lastUse < streams[$1].lastUse } ?? 0
        streams[oldest] = stream
    }
}
