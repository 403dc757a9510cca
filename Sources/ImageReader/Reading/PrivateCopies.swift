// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
package import EROFS
import Fscache
import Glibc
package import Primitives

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

/// Makes files of their own of an image's files.
///
/// May be used from any thread.
package struct PrivateCopies: Sendable {
    private let reader: ImageReader
    /// Where copies are made, by the device that they begin with.
    private let directories: [Descriptor?]

    /// Bytes of blocks that file systems share, and of the granules of a cache.
    private static let block: UInt64 = 4096
    /// Devices whose directories are kept open; files that begin on others have no copy.
    private static let mostDirectories = 64
    /// Devices that are tried at most.
    private static let mostTried = 16
    /// Bytes of the largest block of an image, of which an inline part fills less.
    private static let longestInline = 1 << 16

    /// Finds out where copies can be made; before anything is mounted over that.
    ///
    /// Tries to share one block of each device that has files, and waits for the disk.
    ///
    /// - Throws: Why no file can have a copy.
    package init(of reader: ImageReader) throws(PrivateCopyError) {
        self.reader = reader
        directories = reader.devices.devices.prefix(PrivateCopies.mostDirectories).map {
            try? PrivateCopies.descriptor(of: $0).directory()
        }
        var refusal: PrivateCopyError? = .unsuited
        let ids = directories.indices
        for id in ids.dropFirst(ids.count > 1 ? 1 : 0).prefix(PrivateCopies.mostTried) where refusal != nil {
            do throws(PrivateCopyError) {
                try tryToShare(id)
                refusal = nil
            } catch {
                refusal = error
            }
        }
        if let refusal { throw refusal }
    }

    /// Grows whenever bytes are taken out of a cache: a copy made before may have some that were found wrong.
    package var removals: UInt64 {
        reader.devices.devices.reduce(0) { sum, device in
            if case .blob(let blob) = device { sum &+ blob.cookie.removals } else { sum }
        }
    }

    /// Makes a file without a name that has the content of a regular file, and shares its blocks with the image and its blobs.
    ///
    /// Nothing is copied but what stands in the metadata. Waits for the disk; not for the network.
    package func copy(of inode: Inode) throws(PrivateCopyError) -> Descriptor {
        let plan = try sharedPieces(of: inode)
        guard let first = plan.pieces.first, let size = Int(exactly: inode.size), first.device < directories.count,
            let directory = directories[first.device]
        else { throw .unsuited }
        for piece in plan.pieces { try check(piece) }
        let copy: Descriptor
        do throws(SystemError) { copy = try directory.unnamedFile() } catch { throw .system(error) }
        for piece in plan.pieces { try share(piece, with: copy) }
        if let inline = plan.inline { try write(inline, of: inode, to: copy) }
        guard ftruncate(copy.raw, size) == 0 else { throw .system(SystemError("ftruncate")) }
        // What was read of a mapped image that was cut meanwhile may be anything.
        guard (try? reader.checkIntact()) != nil else { throw .missing }
        return copy
    }

    private func tryToShare(_ id: Int) throws(PrivateCopyError) {
        let device = reader.devices.devices[id]
        guard device.size >= PrivateCopies.block else { throw .unsuited }
        let offset: UInt64 =
            switch device {
            case .file(let file): file.offset
            case .blob(let blob) where blob.cookie.sharesNothing: throw .cacheHasLimit
            case .blob: 0
            }
        do throws(SystemError) {
            let file = PrivateCopies.descriptor(of: device)
            let directory = if let known = directories[id] { known } else { try file.directory() }
            try directory.unnamedFile().share(offset..<offset + PrivateCopies.block, of: file, at: 0)
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
                guard offset % PrivateCopies.block == 0, position % PrivateCopies.block == 0,
                    extent.end % PrivateCopies.block == 0 || extent.end == inode.size,
                    (try? reader.devices.device(id, offset, Int(clamping: extent.length))) != nil
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
            return try reader.extent(of: inode, at: position)
        } catch {
            if case .missing = error { throw .missing }
            throw .unsuited
        }
    }

    /// The bytes of a piece in its device, in whole blocks: what of the last one is not the file's is cut off later.
    private func range(of piece: SharedPieces.Piece) -> Range<UInt64> {
        let end = (piece.offset + piece.length + PrivateCopies.block - 1) & ~(PrivateCopies.block - 1)
        return piece.offset..<min(end, reader.devices.devices[piece.device].size)
    }

    /// Finds out whether a piece is there, before anything is made for it.
    private func check(_ piece: SharedPieces.Piece) throws(PrivateCopyError) {
        guard case .blob(let blob) = reader.devices.devices[piece.device] else { return }
        guard blob.isSettled else { throw .missing }
        do throws(CookieShareError) {
            try blob.cookie.checkSharing(range(of: piece))
        } catch {
            throw PrivateCopyError(error)
        }
    }

    private func share(_ piece: SharedPieces.Piece, with copy: Descriptor) throws(PrivateCopyError) {
        let range = range(of: piece)
        do {
            switch reader.devices.devices[piece.device] {
            case .file(let file):
                let (start, end) = (range.lowerBound + file.offset, range.upperBound + file.offset)
                try copy.share(start..<end, of: file.descriptor, at: piece.start)
            case .blob(let blob): try blob.cookie.share(range, with: copy, at: piece.start)
            }
        } catch let error as CookieShareError {
            throw PrivateCopyError(error)
        } catch let error as SystemError {
            throw .system(error)
        } catch {
            throw .unsuited
        }
    }

    private func write(_ range: Range<UInt64>, of inode: Inode, to copy: Descriptor) throws(PrivateCopyError) {
        guard let start = Int(exactly: range.lowerBound), range.count <= PrivateCopies.longestInline else {
            throw .unsuited
        }
        let isRead = withUnsafeTemporaryAllocation(byteCount: range.count, alignment: 8) { bytes in
            guard (try? reader.read(inode, at: range.lowerBound, into: bytes, on: .worker)) == bytes.count else {
                return false
            }
            return pwrite(copy.raw, bytes.baseAddress, bytes.count, start) == bytes.count
        }
        guard isRead else { throw .missing }
    }

    private static func descriptor(of device: Device) -> Descriptor {
        switch device {
        case .file(let file): file.descriptor
        case .blob(let blob): blob.cookie.file
        }
    }
}

extension PrivateCopyError {
    fileprivate init(_ error: CookieShareError) {
        switch error {
        case .missing: self = .missing
        case .cacheHasLimit: self = .cacheHasLimit
        case .system(let error): self = .system(error)
        }
    }
}
