// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
package import EROFS
import Fscache
import Glibc
package import Primitives

/// How a file's content lies in its devices, when blocks of them make up all of it but its end.
private struct SharedPieces {
    struct Piece {
        let device: Int
        let offset: UInt64
        let start: UInt64
        var length: UInt64
    }

    var pieces: [Piece] = []
    /// Bytes that stand in the metadata.
    var inline: Range<UInt64>?

    /// Each is a system call.
    static let most = 4096
    /// Parts of a file that are looked at; the largest extent has 16 MiB.
    static let mostExtents = 1 << 16

    mutating func add(device: Int, _ offset: UInt64, _ extent: Extent) {
        if let last = pieces.last, last.device == device, last.offset + last.length == offset,
            last.start + last.length == extent.start
        {
            pieces[pieces.count - 1].length += extent.length
        } else {
            pieces.append(Piece(device: device, offset: offset, start: extent.start, length: extent.length))
        }
    }
}

/// Why there is no private copy of a file.
package enum PrivateCopyError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Its content is encoded, lies in too many pieces or not on blocks.
    case unsuited
    /// Some of its bytes are not there yet.
    case missing
    /// The cache may have to give bytes back.
    case cacheHasLimit
    /// The file system shares no blocks, or takes no more files.
    case system(SystemError)

    /// Whether it will be the same for this file as long as the image is open.
    package var isLasting: Bool {
        switch self {
        case .unsuited, .cacheHasLimit: true
        case .missing: false
        case .system(let error): ![ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM, EIO].contains(error.code)
        }
    }

    package var description: String {
        switch self {
        case .unsuited: "the content does not lie on blocks of the file system"
        case .missing: "not all bytes are cached"
        case .cacheHasLimit: "the cache has a limit, and could not get back what it shares"
        case .system(let error): error.description
        }
    }
}

// A file's content as a file of its own.
extension ImageReader {
    /// Bytes of blocks that file systems share, and of the granules of a cache.
    private static let block: UInt64 = 4096
    /// Devices that are tried at most.
    private static let mostTried = 16
    /// Bytes of the largest block of an image, of which an inline part fills less.
    private static let longestInline = 1 << 16

    /// Makes a file without a name that has the content of a regular file, and shares its blocks with the image and its blobs.
    ///
    /// Nothing is copied but what stands in the metadata. Waits for the disk; not for the network.
    package func privateCopy(of inode: Inode) throws(PrivateCopyError) -> Descriptor {
        let plan = try sharedPieces(of: inode)
        guard let first = plan.pieces.first, let size = Int(exactly: inode.size) else { throw .unsuited }
        let copy: Descriptor
        do throws(SystemError) { copy = try descriptor(of: first.device).unnamedSibling() } catch {
            throw .system(error)
        }
        for piece in plan.pieces { try share(piece, with: copy) }
        if let inline = plan.inline { try write(inline, of: inode, to: copy) }
        guard ftruncate(copy.raw, size) == 0 else { throw .system(SystemError("ftruncate")) }
        return copy
    }

    /// Why no file can have a private copy; nil when one may.
    ///
    /// Tries to share one block of each device that has files, and waits for the disk.
    package var privateCopyRefusal: PrivateCopyError? {
        var refusal = PrivateCopyError.unsuited
        let ids = devices.devices.indices
        for id in ids.dropFirst(ids.count > 1 ? 1 : 0).prefix(ImageReader.mostTried) {
            do throws(PrivateCopyError) {
                try tryToShare(id)
                return nil
            } catch {
                refusal = error
            }
        }
        return refusal
    }

    private func tryToShare(_ id: Int) throws(PrivateCopyError) {
        let device = devices.devices[id]
        guard device.size >= ImageReader.block else { throw .unsuited }
        let offset: UInt64 =
            switch device {
            case .file(let file): file.offset
            case .blob(let blob) where blob.cookie.sharesNothing: throw .cacheHasLimit
            case .blob: 0
            }
        do throws(SystemError) {
            let file = descriptor(of: id)
            try file.unnamedSibling().share(offset..<offset + ImageReader.block, of: file, at: 0)
        } catch {
            throw .system(SystemError(error.call, on: device.name, code: error.code))
        }
    }

    private func sharedPieces(of inode: Inode) throws(PrivateCopyError) -> SharedPieces {
        var plan = SharedPieces()
        var position: UInt64 = 0
        var left = SharedPieces.mostExtents
        while position < inode.size {
            let extent = try nextExtent(of: inode, at: position)
            left -= 1
            guard extent.start == position, left > 0 else { throw .unsuited }
            switch extent.source {
            case .device(let id, let offset):
                guard offset % ImageReader.block == 0, position % ImageReader.block == 0,
                    extent.end % ImageReader.block == 0 || extent.end == inode.size,
                    (try? devices.device(id, offset, Int(clamping: extent.length))) != nil
                else { throw .unsuited }
                plan.add(device: id, offset, extent)
                guard plan.pieces.count <= SharedPieces.most else { throw .unsuited }
            case .hole: break
            case .inline:
                guard plan.inline == nil else { throw .unsuited }
                plan.inline = position..<extent.end
            case .cluster, .fragment: throw .unsuited
            }
            position = extent.end
        }
        return plan
    }

    private func nextExtent(of inode: Inode, at position: UInt64) throws(PrivateCopyError) -> Extent {
        do throws(ReadError) {
            return try extent(of: inode, at: position)
        } catch {
            if case .missing = error { throw .missing }
            throw .unsuited
        }
    }

    /// Shares whole blocks: what of the last one is not the file's is cut off later.
    private func share(_ piece: SharedPieces.Piece, with copy: Descriptor) throws(PrivateCopyError) {
        let device = devices.devices[piece.device]
        let end = min((piece.offset + piece.length + ImageReader.block - 1) & ~(ImageReader.block - 1), device.size)
        let range = piece.offset..<end
        switch device {
        case .file(let file):
            do throws(SystemError) {
                try copy.share(
                    range.lowerBound + file.offset..<range.upperBound + file.offset, of: file.descriptor,
                    at: piece.start)
            } catch {
                throw .system(error)
            }
        case .blob(let blob):
            do throws(CookieShareError) {
                try blob.cookie.share(range, with: copy, at: piece.start)
            } catch {
                switch error {
                case .missing: throw .missing
                case .cacheHasLimit: throw .cacheHasLimit
                case .system(let error): throw .system(error)
                }
            }
        }
    }

    private func write(_ range: Range<UInt64>, of inode: Inode, to copy: Descriptor) throws(PrivateCopyError) {
        guard let start = Int(exactly: range.lowerBound), range.count <= ImageReader.longestInline else {
            throw .unsuited
        }
        let isRead = withUnsafeTemporaryAllocation(byteCount: range.count, alignment: 8) { bytes in
            guard (try? read(inode, at: range.lowerBound, into: bytes, on: .worker)) == bytes.count else {
                return false
            }
            return pwrite(copy.raw, bytes.baseAddress, bytes.count, start) == bytes.count
        }
        guard isRead else { throw .missing }
    }

    private func descriptor(of id: Int) -> Descriptor {
        switch devices.devices[id] {
        case .file(let file): file.descriptor
        case .blob(let blob): blob.cookie.file
        }
    }
}
