// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import EROFS
import FUSE
import Glibc
import ImageReader

// The bytes of files, and where they are holes.
extension Answerer {
    func read(_ question: Question, into reply: ReplyBuffer, on context: ReadContext) throws(ReadError) -> Outcome {
        let inode = try reader.inode(question.nid)
        guard inode.type.isRegular else { return .fail(inode.type.isDirectory ? EISDIR : EINVAL) }
        let wanted = min(Int(question.size), ReplyBuffer.capacity)
        if wanted >= Answerer.leastSpliced, wanted <= reply.takesOfFiles, try splice(question, inode, into: reply) {
            return .reply
        }
        let target = UnsafeMutableRawBufferPointer(rebasing: reply.payload[..<wanted])
        reply.commit(try reader.read(inode, at: question.offset, into: target, on: context))
        return .reply
    }

    /// Bytes from which on a reply is not copied from the page cache first: below, the pipe costs more than the copy.
    private static let leastSpliced = 64 << 10

    /// Makes what lies as it is in the page cache the reply; false when it does not.
    private func splice(_ question: Question, _ inode: Inode, into reply: ReplyBuffer) throws(ReadError) -> Bool {
        guard let range = question.range(in: inode.size), range.count >= Answerer.leastSpliced,
            let run = try reader.cachedRun(of: inode, range)
        else { return false }
        return reply.take(range.count, of: run.descriptor, at: run.offset, to: question.unique)
    }

    /// SEEK_DATA and SEEK_HOLE over the image's own holes; a file's end counts as a hole.
    func seek(_ question: Question, into reply: ReplyBuffer, on context: ReadContext) throws(ReadError) -> Outcome {
        let inode = try reader.inode(question.nid)
        guard inode.type.isRegular else { return .fail(EINVAL) }
        let wantsHole = question.mode == UInt32(bitPattern: clinux_seek_hole)
        guard wantsHole || question.mode == UInt32(bitPattern: clinux_seek_data) else { return .fail(EINVAL) }
        guard question.offset < inode.size else { return .fail(ENXIO) }
        var walk = HoleWalk(position: question.offset, limit: context.mayTakeLong ? 1 << 20 : 256)
        while try walk.advance(in: inode, of: reader.image, wantsHole: wantsHole) {}
        if walk.isExhausted {
            guard context.mayTakeLong else { throw .wouldBlock }
            // Nobody may wait for ever: the rest is declared to be data, which it always may be.
            walk.position = wantsHole ? inode.size : walk.position
        }
        if walk.position >= inode.size, !wantsHole { return .fail(ENXIO) }
        reply.append(min(walk.position, inode.size))
        return .reply
    }
}

/// A walk over the extents of a file to the next hole or data.
private struct HoleWalk {
    var position: UInt64
    private var steps: Int

    init(position: UInt64, limit: Int) {
        self.position = position
        steps = limit
    }

    /// Whether the walk was ended by its limit.
    var isExhausted: Bool { steps == 0 }

    /// Goes one extent further; false when the walk is at its aim, at the end of the file, or at its limit.
    mutating func advance(in inode: Inode, of image: Image, wantsHole: Bool) throws(ReadError) -> Bool {
        guard position < inode.size, steps > 0 else { return false }
        let extent: Extent
        do throws(ImageError) { extent = try image.extent(of: inode, at: position) } catch { throw ReadError(error) }
        let isHole = if case .hole = extent.source { true } else { false }
        guard isHole != wantsHole else { return false }
        let (end, overflow) = extent.start.addingReportingOverflow(extent.length)
        guard !overflow, end > position else {
            throw .image(.damaged(.inode(inode.nid), field: "extent length", value: extent.length))
        }
        position = end
        steps -= 1
        return true
    }
}
