// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import BlobFetch
package import EROFS
package import Fscache
import Primitives

/// What a mount needs of a RAFS v6 image beyond EROFS: the blobs behind its device slots.
package struct RafsImage: Sendable {
    /// The tables of the bootstrap.
    package let bootstrap: RafsBootstrap

    /// Whether the image is a RAFS v6 bootstrap.
    ///
    /// - Throws: ``RafsError/notResident(offset:count:)`` when its first bytes have not been fetched.
    package static func isRafs(_ bytes: ImageBytes) throws(RafsError) -> Bool {
        try RafsBootstrap.isRafs(bytes)
    }

    /// Reads the tables of the bootstrap in `bytes`, which are kept for the chunk table.
    package init(_ bytes: ImageBytes) throws(RafsError) { bootstrap = try RafsBootstrap(bytes) }

    /// One source for each device slot, in order; nothing is fetched yet.
    ///
    /// - Parameters:
    ///   - remote: Where the blobs lie under their ids.
    ///   - ownBlob: The name of the blob that the bootstrap was taken out of, if it was; its table does not know it.
    ///   - volume: Where the blobs' tables are kept; nil for nowhere.
    package func blobSources(
        from remote: any BlobRemote, ownBlob: String? = nil, keepingTablesIn volume: Volume? = nil
    ) throws(FetchError) -> [RafsBlob] {
        let crew = DecodingCrew(threadCount: Processors.online)
        var blobs: [RafsBlob] = []
        for entry in bootstrap.blobs {
            let name = try name(of: entry, ownBlob)
            let data = try remote.source(for: name)
            guard !entry.isPlainDevice else {
                blobs.append(RafsBlob(name: name, entry: entry, source: data, units: nil))
                continue
            }
            let info = if let metaBlob = entry.metaBlob { try remote.source(for: metaBlob) } else { data }
            let kept = volume.map { KeptTables(of: entry.metaBlob ?? name, in: $0) }
            let units = UnitSource(
                entry, chunkTable: bootstrap.chunkTable, data: data, info: info, crew: crew, kept: kept)
            blobs.append(RafsBlob(name: name, entry: entry, source: units, units: units))
        }
        return blobs
    }

    /// The name under which a blob is found.
    func name(of entry: BlobEntry, _ ownBlob: String?) throws(FetchError) -> String {
        // Early builders left a provisional id instead of the placeholder; a single blob can only be the image's own.
        if let ownBlob, entry.id == BlobEntry.placeholder || bootstrap.blobs.count == 1 { return ownBlob }
        guard entry.id != BlobEntry.placeholder else {
            throw .notFound(source: "image", reason: "its bootstrap does not know the name of the blob it lies in")
        }
        return entry.id
    }
}

/// The blob behind one device slot.
package struct RafsBlob: Sendable {
    /// The blob's id: its name on the remote, and of its cookie.
    package let name: String
    /// What the image says of the blob.
    package let entry: BlobEntry
    /// What fills the cookie.
    package let source: any BlobSource
    /// The same source, if it has a unit table; tarfs devices are read as they are.
    package let units: UnitSource?

    /// The size of the cookie, and of the EROFS device.
    package var size: UInt64 { entry.uncompressedSize }
}

extension ImageBytes {
    /// A copy of `count` bytes at `offset`; `place` names them in errors.
    func copy(at offset: UInt64, count: Int, _ place: RafsError.Place) throws(RafsError) -> [UInt8] {
        do throws(ImageError) { return Array(try bytes(at: offset, count: count)) } catch {
            if case .notResident(let offset, let count) = error { throw .notResident(offset: offset, count: count) }
            throw .truncated(place, offset: offset, count: UInt64(max(0, count)))
        }
    }
}

extension RafsError {
    /// What an access to image bytes can fail with.
    package init(_ error: ImageError) {
        switch error {
        case .notResident(let offset, let count): self = .notResident(offset: offset, count: count)
        case .outOfBounds(let offset, let count, _): self = .truncated(.bootstrap, offset: offset, count: count)
        default: self = .notRafs
        }
    }
}
