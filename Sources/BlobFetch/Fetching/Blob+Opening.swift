// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Digests
public import Fscache
import Primitives

// Opening: a blob's size must be known before anything can be read of it.
extension Blob {
    /// Opens the blob called `name`: learns its size from its sources, or offline from the cache.
    ///
    /// Waits for an answer.
    ///
    /// When the cache's disk is full already, the blob is served all the same, and nothing of it is kept as long as it is open.
    /// When no source can be reached, what the cache remembers of the blob will do: cached bytes can be read, and the
    /// sources are asked again when others are needed.
    ///
    /// - Parameters:
    ///   - digests: What each unit is checked with before anybody can read it. Such a blob has a cached object of its
    ///     own, so that bytes that were checked never mix with others.
    ///   - checksName: Whether a blob that is named by its SHA-256 is checked, in the background, when it is whole.
    public static func open(
        _ name: String, in volume: Volume, sources: [any BlobSource], settings: FetchSettings,
        digests: DigestList? = nil, checksName: Bool = false,
        report: @escaping @Sendable (FetchReport) -> Void = { _ in }
    ) throws(FetchError) -> Blob {
        let list = SourceList(sources, blobName: name)
        let askedAt = MonotonicTime.now
        let key = digests.map { "\(name)@\($0.root)" } ?? name
        let identity = try identity(of: key, in: volume, list, settings)
        guard digests == nil || digests?.size == identity.size else {
            let reason = "it has \(identity.size) bytes, and its list of digests is for \(digests?.size ?? 0)"
            throw .digestMismatch(source: name, reason: reason)
        }
        // A digest in the name says more than any entity tag, and servers disagree about those.
        let validator = isDigest(name) ? nil : identity.validator
        do throws(CacheError) {
            let cookie = try cookie(key, in: volume, identity.size, validator, askedAt)
            let digest = checksName ? Digest(name) : nil
            if digest != nil, digests == nil { cookie.noteIsBlobItself() }
            let blob = Blob(
                name: name, cookie: cookie, validator: validator, list, settings, digests, digest: digest, report)
            let distrusted = UInt64(cookie.distrustedGranules) * 4096
            if distrusted > 0 { report(.distrusted(blob: name, bytes: distrusted)) }
            blob.checkIfWhole()
            return blob
        } catch {
            throw .cache(reason: error.description)
        }
    }

    /// The cookie; one without an object when the cache's disk is full already.
    private static func cookie(
        _ key: String, in volume: Volume, _ size: UInt64, _ validator: String?, _ askedAt: MonotonicTime
    ) throws(CacheError) -> Cookie {
        do throws(CacheError) {
            return try volume.cookie(key, size: size, validator: validator, askedAt: askedAt)
        } catch {
            guard error.isFullDisk else { throw error }
            return try volume.cookieWithoutObject(
                key, size: size, validator: validator, askedAt: askedAt, because: error)
        }
    }

    private static func identity(
        of name: String, in volume: Volume, _ list: SourceList, _ settings: FetchSettings
    ) throws(FetchError) -> BlobIdentity {
        let remembered = volume.rememberedIdentity(of: name).map {
            BlobIdentity(size: $0.size, validator: $0.validator)
        }
        if settings.isOffline {
            guard let remembered else { throw .offline(source: name) }
            return remembered
        }
        do throws(FetchError) {
            return try waitForIdentity(list)
        } catch {
            guard let remembered, error.isPassing else { throw error }
            return remembered
        }
    }

    private static func waitForIdentity(_ list: SourceList) throws(FetchError) -> BlobIdentity {
        let answer = Answer<Result<BlobIdentity, FetchError>>()
        list.identify { answer.give($0) }
        return try answer.wait().get()
    }

    /// Whether a name is the digest of what it names: 64 hexadecimal digits, maybe behind `sha256:`.
    static func isDigest(_ name: String) -> Bool {
        let digits = name.hasPrefix("sha256:") ? name.dropFirst(7) : name[...]
        return digits.utf8.count == 64 && digits.allSatisfy(\.isHexDigit)
    }
}
