// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import FUSE
import Glibc
import ImageReader

/// Answers questions about the tree from an image reader, without waiting for anything but, on a worker, a local disk.
///
/// Has no state of its own besides hints; any number of threads may use one at once, each with its own reply buffer.
struct Answerer: Sendable {
    let reader: ImageReader
    let numbers: NodeNumbers
    let validity: Validity
    let listing: ListingMode
    let owners: OwnerMap
    let keepsOwners: Bool
    /// Whether files have the attribute `user.fscache.map`.
    let showsCacheMap: Bool
    private let blockBits: Int

    init(
        _ reader: ImageReader, base: UInt64 = 0, validity: Validity, listing: ListingMode,
        owners: OwnerMap = OwnerMap(), showsCacheMap: Bool = false
    ) {
        self.showsCacheMap = showsCacheMap
        self.reader = reader
        self.validity = validity
        self.listing = listing
        self.owners = owners
        keepsOwners = owners.isIdentity
        numbers = NodeNumbers(root: reader.image.root, base: base)
        blockBits = reader.image.superblock.blockBits
    }

    /// Puts the answer into `reply`, which comes empty, or says which error is the answer.
    ///
    /// - Parameter name: The name that belongs to the question.
    func answer(
        _ question: Question, _ name: UnsafeRawBufferPointer, into reply: ReplyBuffer, on context: ReadContext
    ) throws(ReadError) -> Outcome {
        switch question.opcode {
        case .read: try read(question, into: reply, on: context)
        case .lookup: try lookUp(name, in: question.nid, into: reply)
        case .getattr: try attributes(of: question.nid, into: reply)
        case .readdirplus: try list(question, withAttributes: true, into: reply)
        case .readdir: try list(question, withAttributes: false, into: reply)
        case .readlink: try readLink(question.nid, into: reply, on: context)
        case .getxattr:
            isCacheMap(name)
                ? try cacheMap(question, into: reply, on: context) : try extendedAttribute(name, question, into: reply)
        case .listxattr: try extendedAttributeNames(question, into: reply)
        case .access: try access(question)
        case .lseek: try seek(question, into: reply, on: context)
        case .statfs: statistics(into: reply)
        default: .fail(ENOSYS)
        }
    }

    /// Whether a request of this kind is answered from the image.
    @inline(__always) static func answers(_ opcode: Opcode) -> Bool {
        switch opcode {
        case .read, .lookup, .getattr, .readdirplus, .readdir, .readlink, .getxattr, .listxattr, .lseek, .access,
            .statfs:
            true
        default: false
        }
    }

    /// The attributes of an inode as the protocol has them.
    @inline(__always) func attributes(of inode: Inode) -> Attributes {
        var result = Attributes()
        result.inodeNumber = numbers.shown(reader.image.inodeNumber(inode.nid))
        result.size = inode.size
        result.sectors = inode.sectorCount(blockBits: blockBits)
        result.seconds = inode.modificationSeconds
        result.nanoseconds = inode.modificationNanoseconds
        result.mode = UInt32(inode.mode)
        result.links = inode.linkCount
        result.userID = inode.userID
        result.groupID = inode.groupID
        result.device = inode.deviceNumber
        result.blockSize = UInt32(1) << UInt32(blockBits)
        if !keepsOwners { owners.apply(to: &result) }
        return result
    }
}

// By pattern, which is one instruction: `==` of an enum of another module goes through its protocols each time.

extension FileType {
    @inline(__always) var isDirectory: Bool { if case .directory = self { true } else { false } }
    @inline(__always) var isRegular: Bool { if case .regular = self { true } else { false } }
}

extension Opcode {
    @inline(__always) var isRead: Bool { if case .read = self { true } else { false } }
}
