// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import ImageReader
import Primitives

/// Finds a path for the number of an inode, by going through the tree once.
///
/// Fetches nothing: who watches a mount must not change what happens. Directories that have not come yet are looked at
/// again when somebody asks for an inode that is not known. For one thread.
final class PathIndex {
    /// Names that are remembered at most; files behind those have no path.
    static let limit = 1 << 20
    /// Milliseconds between two walks at least.
    private static let interval: UInt64 = 2000

    private let reader: ImageReader
    private var places: [NodeID: (parent: NodeID, name: String)] = [:]
    private var walked: Set<NodeID> = []
    /// Directories that could not be read yet.
    private var waiting: [NodeID]
    private var lastWalk: MonotonicTime?

    init(_ reader: ImageReader) {
        self.reader = reader
        waiting = [reader.image.root]
    }

    /// A path to the inode with this number; nil when none is known.
    func path(of number: UInt64) -> String? {
        let nid = NodeID(rawValue: number)
        if places[nid] == nil { walk() }
        var names: [String] = []
        var position = nid
        while position != reader.image.root {
            guard let place = places[position], names.count < 2048 else { return nil }
            names.append(place.name)
            position = place.parent
        }
        return "/" + names.reversed().joined(separator: "/")
    }

    private func walk() {
        let now = MonotonicTime.now
        if let lastWalk, lastWalk.advanced(milliseconds: PathIndex.interval) > now { return }
        lastWalk = now
        var stack = waiting
        waiting = []
        while let directory = stack.popLast(), places.count < PathIndex.limit {
            guard !walked.contains(directory) else { continue }
            var found: [NodeID] = []
            do throws(ReadError) {
                try look(into: directory, &found)
                walked.insert(directory)
                stack += found
            } catch {
                guard case .missing = error else { continue }
                waiting.append(directory)
            }
        }
    }

    private func look(into directory: NodeID, _ found: inout [NodeID]) throws(ReadError) {
        let content = try reader.directory(try reader.inode(directory))
        do throws(ImageError) {
            try content.forEachEntry(from: 0) { entry in
                let name = String(decoding: entry.name, as: UTF8.self)
                guard name != ".", name != "..", places.count < PathIndex.limit else { return true }
                if places[entry.nid] == nil { places[entry.nid] = (directory, name) }
                if entry.type == .directory { found.append(entry.nid) }
                return true
            }
        } catch {
            throw ReadError(error)
        }
    }
}
