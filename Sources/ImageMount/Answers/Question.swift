// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import FUSE

/// What a request asks, in a fixed size, so that it can be asked again when missing bytes have come.
///
/// A name that belongs to it stays in the receive buffer, or is copied when the request is parked.
struct Question: Equatable, Sendable {
    /// The request's number.
    let unique: UInt64
    let opcode: Opcode
    /// The inode asked about.
    let nid: NodeID
    /// A file offset or the position in a listing.
    var offset: UInt64 = 0
    /// Bytes wanted at most.
    var size: UInt32 = 0
    /// For lseek the `whence`, for access the mask, for open the flags.
    var mode: UInt32 = 0
    let asker: Asker

    /// Takes the fields that the operation has.
    @inline(__always) init(_ request: Request, _ opcode: Opcode, _ numbers: NodeNumbers) {
        unique = request.unique
        self.opcode = opcode
        nid = numbers.nid(of: request.node)
        asker = Asker(request)
        switch opcode {
        case .read, .readdir, .readdirplus:
            offset = request.u64(8)
            size = request.u32(16)
        case .lseek:
            offset = request.u64(8)
            mode = request.u32(16)
        case .access, .open: mode = request.u32(0)
        case .getxattr, .listxattr:
            size = request.u32(0)
        default: break
        }
    }

    /// The bytes that a read asks for and a file of `fileSize` bytes has; nil behind its end.
    func range(in fileSize: UInt64) -> Range<UInt64>? {
        guard offset < fileSize else { return nil }
        return offset..<offset + min(UInt64(size), fileSize - offset)
    }

    /// The name of what carries none.
    static var noName: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }

    /// The name that a request of this kind carries; empty when it carries none.
    @inline(__always) static func name(in request: Request, _ opcode: Opcode) -> UnsafeRawBufferPointer {
        switch opcode {
        case .lookup: request.name()
        case .getxattr: request.name(at: 8)
        default: noName
        }
    }
}
