// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import EROFS
import ImageReader
import Rafs

// RAFS v6: the image's own tables say which blobs there are, and what their cookies hold.
extension BlobOpener {
    /// The tables of a RAFS v6 bootstrap; nil for any other image.
    func rafsImage(_ bootstrap: Bootstrap) throws -> RafsImage? {
        try bootstrap.settling { () throws(ReadError) -> Swift.Result<RafsImage?, RafsError> in
            do throws(RafsError) {
                guard try RafsImage.isRafs(bootstrap.bytes) else { return .success(nil) }
                try holdAll(of: bootstrap.bytes)
                return .success(try RafsImage(bootstrap.bytes))
            } catch {
                guard case .notResident(let offset, let count) = error else { return .failure(error) }
                throw ReadError(.notResident(offset: offset, count: count))
            }
        }.get()
    }

    /// Sees to it that a RAFS bootstrap is here as a whole: fetches of its blobs look up chunks in it, and cannot wait.
    private func holdAll(of bytes: ImageBytes) throws(RafsError) {
        do throws(ImageError) {
            try bytes.requireAll()
        } catch {
            throw RafsError(error)
        }
    }

    /// The blobs that a RAFS image's own table names.
    ///
    /// Their cookies hold what the blobs' chunks decode to.
    mutating func devices(of rafs: RafsImage) throws -> [Device] {
        guard settings.devices.isEmpty else {
            throw UsageError.badValue(
                "device", text: settings.devices[0], wanted: "absent: a RAFS image names its blobs itself")
        }
        if let path = settings.digests {
            throw UsageError.badValue(
                "digests", text: path, wanted: "absent: a RAFS image has its blobs' digests itself")
        }
        let remotes = try remotes()
        guard !remotes.isEmpty || settings.fetch.isOffline || rafs.bootstrap.blobs.isEmpty else {
            throw AssemblyError.noRemote(blob: rafs.bootstrap.blobs.first?.id ?? "")
        }
        let report = report
        let devices = try rafs.devices(
            in: try volume(), from: remotes, ownBlob: ownBlob?.name, settings: settings.fetching
        ) { report($0.description) }
        opened += devices.map(\.blob)
        chunks = ChunkLookup(image: rafs, devices: settings.fetch.isOffline ? [] : devices)
        return devices.map { .blob($0.blob) }
    }
}
