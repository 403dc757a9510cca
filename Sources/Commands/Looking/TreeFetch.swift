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
    }

    private let reader: ImageReader
    private let state = Locked(Progress())

    /// Bytes of a file that are asked for at once.
    private static let step: UInt64 = 16 << 20

    init(reader: ImageReader) { self.reader = reader }

    /// What was done so far; from any thread.
    var progress: Progress { state.withLock { $0 } }

    /// Fetches `inode`, and all below it; what fails is reported, and the rest goes on.
    func run(_ inode: Inode, _ path: String) throws {
        var queue = [(inode: inode, path: path)]
        while let (inode, path) = queue.popLast() {
            guard state.withLock({ $0.seen.insert(inode.nid).inserted }) else { continue }
            do throws(ReadError) {
                if inode.type == .directory { queue += try entries(of: inode, path) }
                if inode.type == .regular { try content(of: inode) }
                if inode.type == .regular { state.withLock { $0.files += 1 } }
            } catch {
                state.withLock { $0.failures += 1 }
                ErrorLine.writeRaw("swift-erofs-fuse: \(path.printable): \(error)")
            }
        }
    }

    private func content(of inode: Inode) throws(ReadError) {
        var position: UInt64 = 0
        while position < inode.size {
            let end = min(inode.size, position + TreeFetch.step)
            var repeated = RepeatedMiss()
            while let missing = try reader.settling({ () throws(ReadError) in
                try reader.missingBytes(of: inode, position..<end)
            }) {
                try repeated.note(missing)
                try reader.provider.provideAndWait(missing)
            }
            position = end
        }
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
