// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import Digests
import Fscache

/// The tables of one blob in the cache: a mount of an image that was mounted before fetches none of them.
///
/// They are an object beside the blob's own, and so count against the cache's limits and go when they are not used. Its
/// identity is their digest: tables that the disk has spoiled are not used, and put there anew.
package struct KeptTables: Sendable {
    private let volume: Volume
    /// The object's key.
    let key: String

    private static let suffix = ".tables"

    /// Larger ones are not kept: they would be read into memory before anything is known of them.
    private static let largest: UInt64 = 64 << 20

    /// The tables that lie in the blob called `name`, which has its digest for a name.
    init(of name: String, in volume: Volume) {
        self.volume = volume
        key = name + Self.suffix
    }

    /// The digest of an object of the cache with this key and validator, when it holds tables.
    package static func digest(ofKey key: String, validator: String?) -> Digest? {
        key.hasSuffix(suffix) ? validator.flatMap { Digest($0) } : nil
    }

    /// What is kept; nil when there is nothing, or not the whole of it.
    func tables() -> BlobTables? {
        guard let known = volume.rememberedIdentity(of: key), known.size <= Self.largest, let digest = known.validator,
            let cookie = try? volume.cookie(key, size: known.size, validator: digest, replacingStale: false)
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(known.size))
        var count = 0
        while count < bytes.count {
            let more = bytes.withUnsafeMutableBytes { buffer in
                try? cookie.read(
                    into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]), at: UInt64(count), waiting: true)
            }
            guard let more, more > 0 else { return nil }
            count += more
        }
        guard Self.digest(of: bytes) == digest else { return nil }
        return BlobTables(document: bytes)
    }

    /// Keeps tables, in place of others; passes over a cache that has no room.
    func keep(_ tables: BlobTables) {
        let bytes = tables.document
        let size = UInt64(bytes.count)
        guard size <= Self.largest,
            let cookie = try? volume.cookie(key, size: size, validator: Self.digest(of: bytes))
        else { return }
        // What is there may be spoiled, or there is no need.
        if cookie.isWhole { try? cookie.discard(0..<size) }
        try? bytes.withUnsafeBytes { try cookie.store($0, at: 0) }
    }

    private static func digest(of bytes: [UInt8]) -> String {
        bytes.withUnsafeBytes { Digest(.sha256, of: $0) }.description
    }
}
