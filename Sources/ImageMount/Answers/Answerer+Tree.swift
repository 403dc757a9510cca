// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import FUSE
import Glibc
import ImageReader

// Names, attributes, links and the whole file system.
extension Answerer {
    /// Bytes of the longest name that EROFS knows.
    private static let maximumNameLength = 255
    /// Bytes of the longest link target that the kernel takes.
    private static let maximumTargetLength = 4095

    func lookUp(
        _ name: UnsafeRawBufferPointer, in directory: NodeID, into reply: ReplyBuffer
    ) throws(ReadError) -> Outcome {
        guard name.count <= Answerer.maximumNameLength else { return .fail(ENAMETOOLONG) }
        let parent = try reader.inode(directory)
        guard parent.type.isDirectory else { return .fail(ENOTDIR) }
        guard let entry = try reader.lookup(name, in: parent) else {
            reply.append(absentFor: validity)
            return .reply
        }
        let inode = try reader.inode(entry.nid)
        if !inode.type.isDirectory { listing.lookedUpFile(in: directory) }
        reply.append(entry: numbers.node(of: entry.nid), attributes(of: inode), validity)
        return .reply
    }

    func attributes(of nid: NodeID, into reply: ReplyBuffer) throws(ReadError) -> Outcome {
        reply.append(attributes(of: try reader.inode(nid)), validity)
        return .reply
    }

    /// Answers access(2) and chdir(2) where the kernel does not check permissions by itself: all is allowed then, but a
    /// file without any execution bit is no program to anybody.
    func access(_ question: Question) throws(ReadError) -> Outcome {
        let inode = try reader.inode(question.nid)
        let isWantedToRun = question.mode & UInt32(X_OK) != 0 && !inode.type.isDirectory
        return isWantedToRun && inode.mode & 0o111 == 0 ? .fail(EACCES) : .reply
    }

    func readLink(_ nid: NodeID, into reply: ReplyBuffer, on context: ReadContext) throws(ReadError) -> Outcome {
        let inode = try reader.inode(nid)
        guard inode.type == .symbolicLink else { return .fail(EINVAL) }
        let target = UnsafeMutableRawBufferPointer(rebasing: reply.payload[..<Answerer.maximumTargetLength])
        reply.commit(try reader.read(inode, at: 0, into: target, on: context))
        return .reply
    }

    func statistics(into reply: ReplyBuffer) -> Outcome {
        let superblock = reader.image.superblock
        // As Linux reports them: as many files as numbers, and all free that the image does not use.
        reply.append(
            FileSystemStatistics(
                blocks: reader.image.blockCount, blockSize: UInt32(superblock.blockSize), files: .max,
                freeFiles: .max - superblock.inodeCount))
        return .reply
    }
}
