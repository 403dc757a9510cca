// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import FUSE
import Glibc
import ImageReader

/// Answers operations from the image, into the buffer of whoever asks: the serving thread or a worker.
struct Answers: Sendable {
    let reader: ImageReader
    let identity: NodeIdentity
    let validity: Validity
    let listing: ListingMode

    /// The longest link target that Linux follows, in bytes.
    private static let longestTarget = 4095

    /// Puts the reply's payload into `reply`.
    ///
    /// - Throws: What `ImageReader` throws; the buffer is then of no use.
    func answer(
        _ operation: Operation, into reply: ReplyBuffer, on context: ReadContext
    ) throws(ReadError) -> Outcome {
        switch operation.kind {
        case .read: return try read(operation, reply, context)
        case .lookup: return try lookup(operation, reply)
        case .attributes: return try attributes(operation, reply)
        case .listWithAttributes, .list: return try list(operation, reply)
        case .linkTarget: return try linkTarget(operation, reply, context)
        case .attributeValue: return try attributeValue(operation, reply)
        case .attributeNames: return try attributeNames(operation, reply)
        case .seek: return try seek(operation, reply, context)
        }
    }

    private func read(
        _ operation: Operation, _ reply: ReplyBuffer, _ context: ReadContext
    ) throws(ReadError) -> Outcome {
        let inode = try reader.inode(operation.nid)
        guard inode.type == .regular else { return .fail(inode.type == .directory ? EISDIR : EINVAL) }
        let payload = reply.payload
        let target = UnsafeMutableRawBufferPointer(rebasing: payload[..<min(payload.count, Int(operation.size))])
        reply.commit(try reader.read(inode, at: operation.offset, into: target, on: context))
        return .reply
    }

    private func lookup(_ operation: Operation, _ reply: ReplyBuffer) throws(ReadError) -> Outcome {
        let directory = try reader.inode(operation.nid)
        guard directory.type == .directory else { return .fail(ENOTDIR) }
        guard operation.name.count <= 255 else { return .fail(ENAMETOOLONG) }
        guard let entry = try reader.lookup(operation.name, in: directory) else {
            reply.append(absentFor: validity)
            return .reply
        }
        let inode = try reader.inode(entry.nid)
        if inode.type != .directory { listing.noteLookupOfFile() }
        reply.append(entry: identity.node(entry.nid), Attributes(inode, in: reader.image), validity)
        return .reply
    }

    private func attributes(_ operation: Operation, _ reply: ReplyBuffer) throws(ReadError) -> Outcome {
        reply.append(Attributes(try reader.inode(operation.nid), in: reader.image), validity)
        return .reply
    }

    private func linkTarget(
        _ operation: Operation, _ reply: ReplyBuffer, _ context: ReadContext
    ) throws(ReadError) -> Outcome {
        let inode = try reader.inode(operation.nid)
        guard inode.type == .symbolicLink else { return .fail(EINVAL) }
        guard inode.size <= UInt64(Answers.longestTarget) else { return .fail(EUCLEAN) }
        reply.commit(try reader.read(inode, at: 0, into: reply.payload, on: context))
        return .reply
    }
}
