// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import FUSE
import Glibc
import ImageReader

// The attribute `user.fscache.map`: which ranges of a file are in the cache.
//
// Its value is a text: `START+LENGTH` in decimal bytes of the file, in order, with a space between; nothing when nothing
// is there. Where it would be longer than an attribute may be, it ends with "...". It is not listed: who copies a file
// with its attributes does not want it.
extension Answerer {
    /// Bytes of the longest value that Linux takes, XATTR_SIZE_MAX.
    private static let longestValue = 65_536

    /// Whether a question is for the map.
    func isCacheMap(_ name: UnsafeRawBufferPointer) -> Bool {
        showsCacheMap && name.elementsEqual("user.fscache.map".utf8)
    }

    func cacheMap(_ question: Question, into reply: ReplyBuffer, on context: ReadContext) throws(ReadError) -> Outcome {
        let inode = try reader.inode(question.nid)
        guard inode.type.isRegular else { return .fail(ENODATA) }
        // A file may have very many extents.
        guard context.mayTakeLong else { throw .wouldBlock }
        let ranges = try reader.presentRanges(of: inode, limit: Answerer.longestValue / "0+1 ".utf8.count)
        try reader.checkIntact()
        let text = Array(Answerer.text(of: ranges).utf8)
        if question.size == 0 { return length(text.count, into: reply) }
        guard text.count <= Int(question.size) else { return .fail(ERANGE) }
        text.withUnsafeBytes { reply.append($0) }
        return .reply
    }

    private static func text(of ranges: [Range<UInt64>]) -> String {
        let ending = " ..."
        var result = ""
        for range in ranges {
            let piece = (result.isEmpty ? "" : " ") + "\(range.lowerBound)+\(range.upperBound - range.lowerBound)"
            guard result.utf8.count + piece.utf8.count + ending.utf8.count <= longestValue else {
                return result + ending
            }
            result += piece
        }
        return result
    }
}
