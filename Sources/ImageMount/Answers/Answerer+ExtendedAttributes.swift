// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import FUSE
import Glibc
import ImageReader

// Extended attributes. A size of 0 asks how long the answer would be.
extension Answerer {
    func extendedAttribute(
        _ name: UnsafeRawBufferPointer, _ question: Question, into reply: ReplyBuffer
    ) throws(ReadError) -> Outcome {
        let inode = try reader.inode(question.nid)
        guard inode.attributeCount > 0 else { return .fail(ENODATA) }
        let attributes = try reader.extendedAttributes(of: inode)
        let value: UnsafeRawBufferPointer?
        do throws(ImageError) { value = try attributes.value(named: name) } catch { throw ReadError(error) }
        try reader.checkIntact()
        guard let value else { return .fail(ENODATA) }
        if question.size == 0 { return length(value.count, into: reply) }
        guard value.count <= Int(question.size) else { return .fail(ERANGE) }
        reply.append(value)
        if !keepsOwners, Answerer.isAccessControlList(name) {
            owners.apply(toList: UnsafeMutableRawBufferPointer(rebasing: reply.payload[..<reply.count]))
        }
        return .reply
    }

    private static func isAccessControlList(_ name: UnsafeRawBufferPointer) -> Bool {
        name.elementsEqual("system.posix_acl_access".utf8) || name.elementsEqual("system.posix_acl_default".utf8)
    }

    func extendedAttributeNames(_ question: Question, into reply: ReplyBuffer) throws(ReadError) -> Outcome {
        let inode = try reader.inode(question.nid)
        guard inode.attributeCount > 0 else {
            return question.size == 0 ? length(0, into: reply) : .reply
        }
        let attributes = try reader.extendedAttributes(of: inode)
        do throws(ImageError) {
            try attributes.forEachAttribute { name, _ in
                if name.namespace == .trusted, !question.asker.isRoot { return true }
                return Answerer.append(name, to: reply)
            }
        } catch {
            throw ReadError(error)
        }
        try reader.checkIntact()
        let count = reply.count
        if question.size > 0 { return count <= Int(question.size) ? .reply : .fail(ERANGE) }
        reply.reset()
        return length(count, into: reply)
    }

    /// `struct fuse_getxattr_out`.
    func length(_ count: Int, into reply: ReplyBuffer) -> Outcome {
        reply.append(UInt32(truncatingIfNeeded: count))
        reply.append(UInt32(0))
        return .reply
    }

    private static func append(_ name: AttributeName, to reply: ReplyBuffer) -> Bool {
        let free = UnsafeMutableRawBufferPointer(rebasing: reply.payload[reply.count...])
        guard free.count > name.count else { return false }
        name.copy(to: free)
        free[name.count] = 0
        reply.commit(reply.count + name.count + 1)
        return true
    }
}
