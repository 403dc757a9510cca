// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import ImageReader
import Primitives

/// Fetches the content of files below an inode, one after the other; the pieces of each in parallel.
final class TreeFetch: Sendable {
    /// What was done so far.
    struct Progress: Sendable {
        var files: UInt64 = 0
        var failures: UInt64 = 0
        var seen: Set<NodeID> = []
        /// Whether the rest would only take out of the cache what was fetched before.
        var isCacheFull = false
    }

    private let reader: ImageReader
    private let state = Locked(Progress())
    /// Bytes of a file that are asked for at once.
    private let step: UInt64
    /// Bytes that may be fetched, and those that were.
    private let limit: UInt64
    private let fetchedBytes: @Sendable () -> UInt64

    /// Fetches through `reader`.
    ///
    /// - Parameters:
    ///   - maxBytes: What the cache may take on disk; nil for no limit. Little less than that is fetched at most.
    ///   - fetchedBytes: Says what was fetched so far.
    init(reader: ImageReader, maxBytes: UInt64?, fetchedBytes: @escaping @Sendable () -> UInt64) {
        self.reader = reader
        self.fetchedBytes = fetchedBytes
        step = min(16 << 20, maxBytes.map { $0 / 16 } ?? .max)
        // Maps and directories take some of the cache too.
        limit = maxBytes.map { $0 - $0 / 16 } ?? .max
    }

    /// What was done so far; from any thread.
    var progress: Progress { state.withLock { $0 } }

    /// Fetches `inode`, and all below it; what fails is reported, and the rest goes on.
    func run(_ inode: Inode, _ path: String) throws {
        var queue = [(inode: inode, path: path)]
        while let (inode, path) = queue.popLast(), !progress.isCacheFull {
            guard state.withLock({ $0.seen.insert(inode.nid).inserted }) else { continue }
            do throws(ReadError) {
                if inode.type == .directory { queue += try entries(of: inode, path) }
                guard inode.type == .regular else { continue }
                if try content(of: inode) { state.withLock { $0.files += 1 } }
            } catch {
                state.withLock { $0.failures += 1 }
                ErrorLine.tell("\(path): \(error)")
            }
        }
    }

    /// - Returns: False when the cache had no room for all of it.
    private func content(of inode: Inode) throws(ReadError) -> Bool {
        var position: UInt64 = 0
        while position < inode.size {
            let extent = try reader.settling { () throws(ReadError) in try reader.extent(of: inode, at: position) }
            // A hole may have more bytes than anybody could step through.
            if extent.source == .hole {
                position = extent.end
                continue
            }
            let end = position + min(step, inode.size - position)
            var repeated = RepeatedMiss()
            while let missing = try reader.settling({ () throws(ReadError) in
                try reader.missingBytes(of: inode, position..<end)
            }) {
                guard fetchedBytes() <= limit - step else {
                    state.withLock { $0.isCacheFull = true }
                    return false
                }
                try repeated.note(missing)
                try reader.provider.provideAndWait(missing)
            }
            position = end
        }
        return true
    }

    private func entries(of directory: Inode, _ path: String) throws(ReadError) -> [(inode: Inode, path: String)] {
        try reader.settling { () throws(ReadError) in
            var found: [(nid: NodeID, name: String)] = []
            let content = try reader.directory(directory)
            do throws(ImageError) {
                try content.forEachEntry(from: 0) { entry in
                    let name = String(decoding: entry.name, as: UTF8.self)
                    if name != ".", name != ".." { found.append((entry.nid, name)) }
                    return true
                }
            } catch {
                throw ReadError(error)
            }
            var result: [(inode: Inode, path: String)] = []
            for (nid, name) in found {
                result.append((try reader.inode(nid), path == "/" ? "/" + name : path + "/" + name))
            }
            return result
        }
    }
}
