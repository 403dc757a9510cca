// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import FUSE
import Glibc
import ImageReader

extension Answers {
    /// Extents that the serving thread looks at for one seek; a longer search is a worker's.
    private static let extentsOnServingThread = 256
    private static let seekData: UInt32 = 3
    private static let seekHole: UInt32 = 4

    /// The next data or hole at or behind an offset (lseek with SEEK_DATA or SEEK_HOLE).
    func seek(_ operation: Operation, _ reply: ReplyBuffer, _ context: ReadContext) throws(ReadError) -> Outcome {
        let inode = try reader.inode(operation.nid)
        guard operation.size == Answers.seekData || operation.size == Answers.seekHole else { return .fail(EINVAL) }
        let isForHole = operation.size == Answers.seekHole
        guard operation.offset < inode.size else { return .fail(ENXIO) }
        var position = operation.offset
        var steps = 0
        while position < inode.size {
            let extent = try reader.extent(of: inode, at: position)
            if (extent.source == .hole) == isForHole { return offset(position, reply) }
            position = extent.end
            steps += 1
            if context == .serving, steps > Answers.extentsOnServingThread { throw .wouldBlock }
        }
        // A file ends with a hole that nobody stored.
        return isForHole ? offset(inode.size, reply) : .fail(ENXIO)
    }

    private func offset(_ position: UInt64, _ reply: ReplyBuffer) -> Outcome {
        reply.append(position)
        return .reply
    }
}
