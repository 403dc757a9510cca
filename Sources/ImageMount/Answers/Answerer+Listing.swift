// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import FUSE
import Glibc
import ImageReader

// Directories.
extension Answerer {
    /// Lists a directory from a position on, as far as the answer has room.
    ///
    /// What comes before damage, or before metadata that has not arrived, is answered first; the next request then meets
    /// the error itself.
    func list(
        _ question: Question, withAttributes: Bool, into reply: ReplyBuffer
    ) throws(ReadError) -> Outcome {
        let inode = try reader.inode(question.nid)
        guard inode.type.isDirectory else { return .fail(ENOTDIR) }
        let directory = try reader.directory(inode)
        let includesFiles = listing.includesFiles(question.nid, from: question.offset)
        var page = ListingPage(reply, limit: Int(question.size), includesFiles: includesFiles)
        do throws(ImageError) {
            try directory.forEachEntry(from: question.offset) { entry in
                withAttributes ? append(entry, to: &page) : page.append(entry, number(of: entry))
            }
        } catch {
            guard reply.count > 0 else { throw ReadError(error) }
        }
        try reader.checkIntact()
        listing.listed(question.nid, includingFiles: includesFiles, files: page.filesWithAttributes)
        return .reply
    }

    private func append(_ entry: DirectoryEntry, to page: inout ListingPage) -> Bool {
        guard page.wantsAttributes(of: entry), let inode = try? reader.image.inode(entry.nid) else {
            return page.append(entry, withoutAttributesAs: number(of: entry))
        }
        return page.append(entry, numbers.node(of: entry.nid), attributes(of: inode), validity)
    }

    private func number(of entry: DirectoryEntry) -> UInt64 { numbers.shown(reader.image.inodeNumber(entry.nid)) }
}

/// One answer to READDIR or READDIRPLUS while it is built.
private struct ListingPage {
    private let reply: ReplyBuffer
    private let limit: Int
    private let includesFiles: Bool
    /// Entries other than directories that carry their attributes.
    private(set) var filesWithAttributes = 0

    init(_ reply: ReplyBuffer, limit: Int, includesFiles: Bool) {
        self.reply = reply
        self.limit = min(limit, ReplyBuffer.capacity)
        self.includesFiles = includesFiles
    }

    /// The kernel never takes attributes of "." and "..".
    func wantsAttributes(of entry: DirectoryEntry) -> Bool {
        guard entry.type?.isDirectory == true else { return includesFiles }
        let name = entry.name
        let isDot = name.count == 1 && name[0] == UInt8(ascii: ".")
        return !isDot && !(name.count == 2 && name[0] == UInt8(ascii: ".") && name[1] == UInt8(ascii: "."))
    }

    /// A name for READDIR.
    func append(_ entry: DirectoryEntry, _ number: UInt64) -> Bool {
        reply.append(
            listed: entry.name, inodeNumber: number, cookie: entry.nextCookie, type: type(of: entry), limit: limit)
    }

    /// A name for READDIRPLUS, which the kernel must look up when somebody wants it.
    func append(_ entry: DirectoryEntry, withoutAttributesAs number: UInt64) -> Bool {
        var attributes = Attributes()
        attributes.inodeNumber = number
        return reply.append(
            listed: entry.name, node: 0, attributes, cookie: entry.nextCookie, type: type(of: entry), validity: .none,
            limit: limit)
    }

    /// A name for READDIRPLUS with its inode.
    mutating func append(
        _ entry: DirectoryEntry, _ node: UInt64, _ attributes: Attributes, _ validity: Validity
    ) -> Bool {
        if entry.type?.isDirectory != true { filesWithAttributes += 1 }
        return reply.append(
            listed: entry.name, node: node, attributes, cookie: entry.nextCookie, type: type(of: entry),
            validity: validity, limit: limit)
    }

    private func type(of entry: DirectoryEntry) -> UInt32 { entry.type?.directoryType ?? 0 }
}
