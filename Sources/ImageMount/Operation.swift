// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import FUSE

/// A request in our own words: what is asked of which inode. Borrows the name from the request.
struct Operation {
    /// The operations that are answered from the image.
    enum Kind: Sendable {
        case lookup
        case attributes
        case linkTarget
        case read
        case list
        case listWithAttributes
        case attributeValue
        case attributeNames
        case seek
    }

    let kind: Kind
    let nid: NodeID
    /// A file offset or a directory cookie.
    let offset: UInt64
    /// Bytes that the reply may have; for seek, whence.
    let size: UInt32
    /// Whether the caller is the superuser, as far as the kernel tells us.
    let isSuperuser: Bool
    /// The name that is looked up, or the attribute's.
    let name: UnsafeRawBufferPointer

    /// Reads the request's fields; nil for operations that are answered otherwise.
    init?(_ request: Request, _ opcode: Opcode, _ identity: NodeIdentity) {
        nid = identity.nid(request.node)
        isSuperuser = request.userID == 0
        switch opcode {
        case .lookup: (kind, offset, size, name) = (.lookup, 0, 0, request.name())
        case .getattr: (kind, offset, size, name) = (.attributes, 0, 0, Operation.noName)
        case .readlink: (kind, offset, size, name) = (.linkTarget, 0, 0, Operation.noName)
        case .read: (kind, offset, size, name) = (.read, request.body(8), request.body(16), Operation.noName)
        case .readdir: (kind, offset, size, name) = (.list, request.body(8), request.body(16), Operation.noName)
        case .readdirplus:
            (kind, offset, size, name) = (.listWithAttributes, request.body(8), request.body(16), Operation.noName)
        case .getxattr: (kind, offset, size, name) = (.attributeValue, 0, request.body(0), request.name(at: 8))
        case .listxattr: (kind, offset, size, name) = (.attributeNames, 0, request.body(0), Operation.noName)
        case .lseek: (kind, offset, size, name) = (.seek, request.body(8), request.body(16), Operation.noName)
        default: return nil
        }
    }

    /// The same operation with a name that outlives the request.
    init(_ other: borrowing Operation, name: UnsafeRawBufferPointer) {
        (kind, nid, offset, size) = (other.kind, other.nid, other.offset, other.size)
        isSuperuser = other.isSuperuser
        self.name = name
    }

    private static var noName: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }
}
