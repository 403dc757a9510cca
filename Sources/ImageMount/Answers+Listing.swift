// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import FUSE
import Glibc
import ImageReader
import Synchronization

/// Whether listings carry the attributes of files.
///
/// The kernel makes an inode of every entry with attributes, which a plain `find` never uses. So folders alone carry
/// theirs, until a client looks up files: then it wants them all, and gets them from then on.
final class ListingMode: Sendable {
    private let isFull: Atomic<Bool>

    /// - Parameter isAdaptive: Whether to begin with folders alone.
    init(isAdaptive: Bool) { isFull = Atomic(!isAdaptive) }

    /// A client has looked up something other than a folder.
    @inline(__always) func noteLookupOfFile() {
        if !isFull.load(ordering: .relaxed) { isFull.store(true, ordering: .relaxed) }
    }

    /// Whether entries of this type carry attributes.
    @inline(__always) func carriesAttributes(_ type: FileType?) -> Bool {
        type == .directory || isFull.load(ordering: .relaxed)
    }
}

extension Answers {
    /// Lists a directory from a cookie on, as far as the reply may go.
    func list(_ operation: Operation, _ reply: ReplyBuffer) throws(ReadError) -> Outcome {
        let inode = try reader.inode(operation.nid)
        guard inode.type == .directory else { return .fail(ENOTDIR) }
        let directory = try reader.directory(inode)
        let limit = min(Int(operation.size), ReplyBuffer.capacity)
        let withAttributes = operation.kind == .listWithAttributes
        var failure: ReadError?
        do throws(ImageError) {
            try directory.forEachEntry(from: operation.offset) { entry in
                guard withAttributes else { return append(entry, reply, limit) }
                do throws(ReadError) {
                    return try appendWithAttributes(entry, reply, limit)
                } catch {
                    failure = error
                    return false
                }
            }
        } catch {
            failure = ReadError(error)
        }
        try reader.checkIntact()
        // What is there already is an answer; the rest will be asked for, and fail then if it must.
        if let failure, reply.count == 0 { throw failure }
        return .reply
    }

    private func append(_ entry: DirectoryEntry, _ reply: ReplyBuffer, _ limit: Int) -> Bool {
        reply.append(
            listed: entry.name, inodeNumber: reader.image.inodeNumber(entry.nid), cookie: entry.nextCookie,
            type: entry.type?.directoryType ?? 0, limit: limit)
    }

    private func appendWithAttributes(
        _ entry: DirectoryEntry, _ reply: ReplyBuffer, _ limit: Int
    ) throws(ReadError) -> Bool {
        var attributes = Attributes()
        var node: UInt64 = 0
        if !isDot(entry.name), listing.carriesAttributes(entry.type) {
            do throws(ReadError) {
                attributes = Attributes(try reader.inode(entry.nid), in: reader.image)
                node = identity.node(entry.nid)
            } catch {
                // A damaged inode must not hide its name, nor the names behind it; absent metadata is fetched.
                if case .missing = error { throw error }
            }
        }
        attributes.inodeNumber = reader.image.inodeNumber(entry.nid)
        return reply.append(
            listed: entry.name, node: node, attributes, cookie: entry.nextCookie,
            type: entry.type?.directoryType ?? 0, validity: validity, limit: limit)
    }

    private func isDot(_ name: UnsafeRawBufferPointer) -> Bool {
        name.count <= 2 && name.allSatisfy { $0 == UInt8(ascii: ".") }
    }
}
