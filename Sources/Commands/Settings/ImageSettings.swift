// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Digests
import FUSE
import Foundation
import Fscache
import ImageMount
import RemoteSources

/// Everything that can be set about an image and its mount.
///
/// Command line flags, `-o` options and the configuration file all end here, by the same names, through
/// ``take(_:_:)``; so an option means the same wherever it stands.
struct ImageSettings: Sendable {
    /// The blobs of the device slots, in order.
    var devices: [String] = []
    /// Where blobs come from, in order.
    var remotes: [String] = []
    var cacheDirectory: String?
    var fsid: String?
    var domainID: String?
    /// Where the file system starts in the image file, in bytes.
    var offset: UInt64 = 0
    var fetch = FetchSettings()
    var sync = SyncPolicy.batched
    /// The list of a blob's digests, or a directory of such lists.
    var digests: String?
    /// The root digests that a list may have; any when empty.
    var rootDigests: [String] = []
    /// What the whole bootstrap, or an image without one, must have.
    var bootstrapDigest: Digest?
    /// Bytes of decoded clusters to keep.
    var decodedCache: UInt64 = 8 << 20
    /// Threads for decoding and cold reads.
    var workers: UInt64 = 4
    /// Threads at most that serve requests.
    var servingThreads: Int?
    /// Bytes that the kernel reads ahead of a sequential reader of the mount; nil for what suits the image.
    var kernelReadAhead: Int?
    var transfer = RemoteSettings()
    var proxy = ProxyChoice()
    var prefetch = PrefetchSettings()
    var cache = CacheSettings()
    var mountOptions = MountOptions()
    var switches = Switches()
    /// Whether files of a mount have the attribute `user.fscache.map`.
    var showsCacheMap = false
    /// The socket for an external filler of the blobs.
    var fillerSocket: String?
    /// Whom the files belong to in a mount.
    var owners = OwnerMap()
    /// The configuration file.
    var configuration: String?

    /// Settings that may be given several times; a later source adds to them only when it is of the same kind.
    static let lists: Set<String> = ["device", "remote", "mirror", "uid-map", "gid-map", "root-digest"]

    /// Settings that a configuration file must give as texts.
    static let texts: Set<String> = [
        "device", "remote", "cache-dir", "fsid", "domain-id", "domain_id", "fsync", "uid-map", "gid-map", "digests",
        "root-digest", "bootstrap-digest", "filler",
    ]

    /// Takes one setting; `value` is nil for one without `=`.
    ///
    /// - Returns: False when there is no such setting.
    mutating func take(_ name: String, _ value: String?) throws(UsageError) -> Bool {
        switch name {
        case "device": devices.append(try text(name, value))
        case "remote": remotes.append(try UsageError.refuseSecrets(name, try text(name, value)))
        case "cache-dir": cacheDirectory = try text(name, value)
        case "fsid": fsid = try text(name, value)
        case "domain-id", "domain_id": domainID = try text(name, value)
        case "digests": digests = try text(name, value)
        case "root-digest": rootDigests.append(try digest(name, value).hex)
        case "bootstrap-digest": bootstrapDigest = try digest(name, value)
        case "filler": fillerSocket = try text(name, value)
        case "config": configuration = try text(name, value)
        case "offline": fetch.isOffline = try truth(name, value)
        case "offset": offset = try number(name, value, 0...UInt64(Int64.max))
        case "fetch-window":
            fetch.window = try number(name, value, 4096...(8 << 20))
            guard fetch.window.nonzeroBitCount == 1 else {
                throw .badValue(name, text: value ?? "", wanted: "a power of two")
            }
        case "read-ahead": fetch.largestReadAhead = try number(name, value, 0...(1 << 30))
        case "kernel-read-ahead": kernelReadAhead = Int(try number(name, value, 4096...(64 << 20)))
        case "decoded-cache": decodedCache = try number(name, value, 0...(64 << 30))
        case "serving-threads": servingThreads = Int(try number(name, value, 1...64))
        case "workers": workers = try number(name, value, 1...256)
        case "fsync":
            guard let policy = SyncPolicy(rawValue: try text(name, value)) else {
                throw .badValue(name, text: value ?? "", wanted: "none, batched or every")
            }
            sync = policy
        default:
            if try takeSwitch(name, value) { return true }
            if try takePrefetch(name, value) { return true }
            if try takeCache(name, value) { return true }
            if try takeRemote(name, value) { return true }
            if try takeOwners(name, value) { return true }
            return try takeMountOption(name, value)
        }
        return true
    }

    private mutating func takeSwitch(_ name: String, _ value: String?) throws(UsageError) -> Bool {
        switch name {
        case "no_readdirplus": switches.readdirplus = try !truth(name, value)
        case "no_symlink_cache": switches.symlinkCache = try !truth(name, value)
        case "no_entry_cache": switches.entryCache = try !truth(name, value)
        case "cache-xattrs", "cache_xattrs": showsCacheMap = try truth(name, value)
        case "sync_read": switches.asyncRead = try !truth(name, value)
        case "no_idmap": switches.idmappedMounts = try !truth(name, value)
        case "passthrough": switches.passthrough = try truth(name, value)
        case "no_splice": switches.splice = try !truth(name, value)
        case "no_follow": switches.following = try !truth(name, value)
        case "no_io_uring": switches.ioUring = try !truth(name, value)
        case "no_parallel_dirops": switches.parallelDirectoryOperations = try !truth(name, value)
        default: return false
        }
        return true
    }

    private mutating func takeMountOption(_ name: String, _ value: String?) throws(UsageError) -> Bool {
        return mountOptions.take(value.map { "\(name)=\($0)" } ?? name)
    }

    func text(_ name: String, _ value: String?) throws(UsageError) -> String {
        guard let value, !value.isEmpty else { throw .missingValue(name) }
        return value
    }

    private func digest(_ name: String, _ value: String?) throws(UsageError) -> Digest {
        let text = try text(name, value)
        guard let digest = Digest(text) else {
            throw .badValue(name, text: text, wanted: "64 lower-case hexadecimal digits, maybe behind an algorithm")
        }
        return digest
    }

    func truth(_ name: String, _ value: String?) throws(UsageError) -> Bool {
        switch value {
        case nil, "true": return true
        case "false": return false
        case .some(let other): throw .badValue(name, text: other, wanted: "true or false")
        }
    }

    func number(
        _ name: String, _ value: String?, _ range: ClosedRange<UInt64>
    ) throws(UsageError) -> UInt64 {
        let text = try text(name, value)
        guard let size = ByteSize(text), range.contains(size.bytes) else {
            throw .badValue(
                name, text: text,
                wanted: "a number from \(range.lowerBound) to \(range.upperBound), or one with K, M, G or T")
        }
        return size.bytes
    }
}
