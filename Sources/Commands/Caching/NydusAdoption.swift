// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Fscache
import ImageReader
import Rafs

/// Takes over what nydusd has fetched of an image's blobs: chunks that have their digests.
struct NydusAdoption {
    let directory: String
    /// The path of the bootstrap.
    let image: String
    let volume: String
    let cache: Cache

    /// Adopts each blob of the image that the directory has.
    func run(_ report: inout CacheAdoptCommand.Report) throws {
        let bootstrap = try Bootstrap(.file(try LocalFile(path: image)))
        guard try RafsImage.isRafs(bootstrap.bytes) else { throw Failure("\(image): is no RAFS v6 bootstrap") }
        let rafs = try RafsImage(bootstrap.bytes)
        // The sources are not asked: only what the cache has is taken.
        for blob in try rafs.blobSources(from: DirectoryRemote(path: directory)) {
            do {
                report.adopted.append(try adopt(blob, of: rafs))
            } catch {
                report.refused[blob.name] = "\(error)"
            }
        }
    }

    private func adopt(_ blob: RafsBlob, of rafs: RafsImage) throws -> CacheAdoptCommand.Adopted {
        let cookie = try cache.volume(volume).cookie(blob.name, size: blob.size)
        var failure: CacheError?
        let taken = try NydusCache(directory: directory).adopt(blob, of: rafs) { offset, bytes in
            do throws(CacheError) {
                // A chunk ends with padding, but the cookie with its last byte.
                let rest = Int(clamping: blob.size - min(blob.size, offset))
                try cookie.store(UnsafeRawBufferPointer(rebasing: bytes[..<min(bytes.count, rest)]), at: offset)
                return true
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
        cookie.flush()
        return CacheAdoptCommand.Adopted(volume: volume, cookie: blob.name, bytes: taken.bytes)
    }
}
