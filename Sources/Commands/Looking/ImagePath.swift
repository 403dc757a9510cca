// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import ImageReader

/// Finds inodes by path, as a walk from the root; links are not followed.
struct ImagePath {
    let reader: ImageReader

    /// The inode at `path`; waits for metadata that must be fetched.
    func inode(_ path: String) throws -> Inode {
        var inode = try reader.settling { () throws(ReadError) in try reader.inode(reader.image.root) }
        for name in path.split(separator: "/") where name != "." {
            guard inode.type == .directory else { throw Failure("\(path): '\(name)' is looked for in a file") }
            let directory = inode
            let entry = try reader.settling { () throws(ReadError) -> NodeID? in
                var name = String(name)
                return try name.withUTF8 { (bytes) -> Swift.Result<NodeID?, ReadError> in
                    do throws(ReadError) {
                        return .success(try reader.lookup(UnsafeRawBufferPointer(bytes), in: directory)?.nid)
                    } catch {
                        return .failure(error)
                    }
                }.get()
            }
            guard let entry else { throw Failure("\(path): '\(name)' does not exist in the image") }
            inode = try reader.settling { () throws(ReadError) in try reader.inode(entry) }
        }
        return inode
    }

    /// The extents of a part of a file, in order; at most `limit` of them.
    func extents(of inode: Inode, _ range: Range<UInt64>, limit: Int = 100_000) throws -> [Extent] {
        var result: [Extent] = []
        var position = range.lowerBound
        while position < min(range.upperBound, inode.size), result.count < limit {
            let extent = try reader.settling { () throws(ReadError) in try reader.extent(of: inode, at: position) }
            result.append(extent)
            position = extent.end
        }
        return result
    }
}
