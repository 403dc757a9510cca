// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Notices readers that go through a blob from front to back, and says how far to fetch ahead of them.
///
/// A value without clock or threads. It remembers a few readers at a time. Files of a program that starts lie side by side
/// and are read one after the other, which looks sequential for a while: so a reader has to come a good way before
/// anything is fetched ahead of it, a longer one if it goes from file to file, and then never more than it has come already.
struct ReadAhead: Equatable, Sendable {
    private struct Stream: Equatable {
        /// Where the reader is expected next.
        var next: UInt64
        /// Bytes ahead of `next` that were asked for.
        var frontier: UInt64
        /// Bytes of the run so far, and of its part within the last file.
        var length: UInt64
        var lengthInFile: UInt64
        var inode: UInt64
        var lastUse: UInt64
    }

    /// Readers followed at once.
    static let streamLimit = 16
    /// Bytes of a run within one file from which on the reader counts as sequential.
    static let shortestRun: UInt64 = 384 << 10
    /// The same of a run over several files.
    static let shortestRunOfFiles: UInt64 = 4 << 20

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
    /// - Parameter inode: The file that it reads.
    /// - Returns: What to fetch ahead; nil for a reader that is not sequential, or has enough ahead of it.
    mutating func missed(_ range: Range<UInt64>, inode: UInt64, size: UInt64) -> Range<UInt64>? {
        guard largest > 0 else { return nil }
        clock += 1
        guard let index = streams.firstIndex(where: { follows(range, $0) }) else {
            let length = UInt64(range.count)
            remember(
                Stream(
                    next: range.upperBound, frontier: range.upperBound, length: length, lengthInFile: length,
                    inode: inode,
                    lastUse: clock))
            return nil
        }
        var stream = streams[index]
        defer { streams[index] = stream }
        if stream.inode != inode { (stream.inode, stream.lengthInFile) = (inode, 0) }
        if range.upperBound > stream.next {
            stream.length += range.upperBound - stream.next
            stream.lengthInFile += range.upperBound - stream.next
            stream.next = range.upperBound
        }
        stream.frontier = max(stream.frontier, stream.next)
        stream.lastUse = clock
        guard stream.lengthInFile >= ReadAhead.shortestRun || stream.length >= ReadAhead.shortestRunOfFiles else {
            return nil
        }
        let depth = min(largest, stream.length)
        // Half of what was asked for may still be on its way before more is asked for.
        let wanted = min(size, stream.next + depth)
        guard wanted > stream.frontier, wanted - stream.frontier >= min(depth / 2, size - stream.frontier) else {
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
