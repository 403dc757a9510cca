// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import FUSE
import Glibc
import ImageReader

extension Answers {
    /// The value of one extended attribute, or its size.
    func attributeValue(_ operation: Operation, _ reply: ReplyBuffer) throws(ReadError) -> Outcome {
        let inode = try reader.inode(operation.nid)
        guard inode.attributeCount > 0 else { return .fail(ENODATA) }
        let attributes = try reader.extendedAttributes(of: inode)
        let value: UnsafeRawBufferPointer?
        do throws(ImageError) { value = try attributes.value(named: operation.name) } catch { throw ReadError(error) }
        guard let value else { return .fail(ENODATA) }
        try reader.checkIntact()
        if operation.size == 0 { return size(value.count, reply) }
        guard value.count <= Int(operation.size) else { return .fail(ERANGE) }
        reply.append(value)
        return .reply
    }

    /// The names of an inode's extended attributes, or the size of the list.
    ///
    /// As in Linux's own EROFS, only the superuser sees names of the trusted name space.
    func attributeNames(_ operation: Operation, _ reply: ReplyBuffer) throws(ReadError) -> Outcome {
        let inode = try reader.inode(operation.nid)
        let attributes = try reader.extendedAttributes(of: inode)
        do throws(ImageError) {
            try attributes.forEachAttribute { name, _ in
                if name.namespace != .trusted || operation.isSuperuser { append(name, reply) }
                return true
            }
        } catch {
            throw ReadError(error)
        }
        try reader.checkIntact()
        let count = reply.count
        guard operation.size > 0 else {
            reply.reset()
            return size(count, reply)
        }
        return count <= Int(operation.size) ? .reply : .fail(ERANGE)
    }

    private func append(_ name: AttributeName, _ reply: ReplyBuffer) {
        let prefix = name.namespace.prefix
        reply.append(UnsafeRawBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount))
        reply.append(name.infix)
        reply.append(name.suffix)
        reply.append(UInt8(0))
    }

    /// `struct fuse_getxattr_out`.
    private func size(_ count: Int, _ reply: ReplyBuffer) -> Outcome {
        reply.append(UInt32(count))
        reply.append(UInt32(0))
        return .reply
    }
}
