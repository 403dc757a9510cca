// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import ImageReader

/// Goes through a tree in the order of its directories, each before what is in it.
///
/// Keeps one directory for each level of the path, and of each only where it is: a directory of a million names needs
/// no more memory than one of two. Of the directories that it has been in it keeps the numbers: a damaged image may have one
/// under any number of names, and twice as many in each level. Waits for metadata that must be fetched.
struct TreeWalk {
    let reader: ImageReader
    /// Directories inside each other; no path that Linux takes has more.
    private static let deepest = 2048

    private struct Level {
        let directory: Inode
        let path: String
        var cookie: UInt64 = 0
    }

    /// Gets each inode, or why the one at a path, or the rest of the directory there, cannot be read.
    typealias Visit = (_ path: String, Swift.Result<Inode, ReadError>) -> Void

    /// Visits `inode` and all below it.
    ///
    /// A directory that has several names is visited under each, but entered once; so one that contains itself has an end.
    func forEach(from inode: Inode, at path: String, _ visit: Visit) {
        visit(path, .success(inode))
        var entered: Set = [inode.nid]
        var levels = inode.type == .directory ? [Level(directory: inode, path: path == "/" ? "" : path)] : []
        while let level = levels.last {
            do throws(ReadError) {
                guard let (name, nid, next) = try entry(of: level) else {
                    levels.removeLast()
                    continue
                }
                levels[levels.count - 1].cookie = next
                guard name != ".", name != ".." else { continue }
                let path = level.path + "/" + name
                guard let inode = found(nid, path, visit), inode.type == .directory else { continue }
                guard levels.count < TreeWalk.deepest, entered.insert(nid).inserted else { continue }
                levels.append(Level(directory: inode, path: path))
            } catch {
                visit(level.path.isEmpty ? "/" : level.path, .failure(error))
                levels.removeLast()
            }
        }
    }

    private func found(_ nid: NodeID, _ path: String, _ visit: Visit) -> Inode? {
        do throws(ReadError) {
            let inode = try reader.settling { () throws(ReadError) in try reader.inode(nid) }
            visit(path, .success(inode))
            return inode
        } catch {
            visit(path, .failure(error))
            return nil
        }
    }

    /// The next entry of a directory; nil behind its last.
    private func entry(of level: Level) throws(ReadError) -> (name: String, nid: NodeID, cookie: UInt64)? {
        try reader.settling { () throws(ReadError) in
            var found: (String, NodeID, UInt64)?
            let directory = try reader.directory(level.directory)
            do throws(ImageError) {
                try directory.forEachEntry(from: level.cookie) { entry in
                    found = (String(decoding: entry.name, as: UTF8.self), entry.nid, entry.nextCookie)
                    return false
                }
            } catch {
                throw ReadError(error)
            }
            return found
        }
    }
}
