// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import FUSE
import Fscache
import Glibc
import ImageMount
import ImageReader

/// A mount as the control socket sees it.
struct MountState: Sendable {
    let image: String
    let reader: ImageReader
    let blobs: [Blob]
    let volume: Volume?
    let mount: ServedMount
    let mountPoint: String
    let isOffline: Bool
    let prefetch: Prefetch?

    init(
        _ assembly: ImageAssembly, _ mount: ServedMount, mountPoint: String, _ settings: ImageSettings,
        _ prefetch: Prefetch?
    ) {
        self.prefetch = prefetch
        image = assembly.name
        reader = assembly.reader
        blobs = assembly.blobs
        volume = assembly.volume
        self.mount = mount
        self.mountPoint = mountPoint
        isOffline = settings.fetch.isOffline
    }

    /// The figures of this moment.
    var report: MountReport {
        let status = mount.status
        return MountReport(
            image: image, mountPoint: mountPoint, process: getpid(), volume: volume?.key, isOffline: isOffline,
            blobs: blobs.map { MountReport.Blob($0) }, prefetch: prefetch?.progress,
            served: MountReport.Served(
                requests: status.requests, bytes: status.bytes, hits: status.hits, misses: status.misses,
                handedOver: status.handedOver, errors: status.errors, interrupted: status.interrupted,
                waiting: status.waiting, passedFiles: status.passedFiles),
            protocolVersion: "\(status.negotiated.major).\(status.negotiated.minor)",
            capabilities: status.negotiated.capabilities, maxReadahead: status.negotiated.maxReadahead,
            cache: volume.map(MountReport.Cache.init))
    }
}

extension MountReport.Cache {
    init(_ volume: Volume) {
        let occupancy = volume.occupancy
        self.init(
            directory: volume.cacheDirectory, taken: occupancy.takenBytes, culled: occupancy.culledBytes,
            maxBytes: occupancy.limits.maxBytes, freeLimits: occupancy.limits.shares,
            freeBlocks: occupancy.blocks?.percent, freeFiles: occupancy.files?.percent)
    }
}

extension CacheLimits {
    /// The limits in percent of what is free, by Linux's names.
    var shares: [String: UInt64] {
        var result: [String: UInt64] = [:]
        for (letter, shares) in [("b", blocks), ("f", files)] {
            guard let shares else { continue }
            result[letter + "run"] = shares.run
            result[letter + "cull"] = shares.cull
            result[letter + "stop"] = shares.stop
        }
        return result
    }
}

extension MountReport.Blob {
    init(_ blob: Blob) {
        let fetched = blob.statistics.snapshot
        self.init(
            key: blob.name, size: blob.size, cached: blob.cookie.presentBytes, object: blob.cookie.path,
            fetchedBytes: fetched.bytes, movedBytes: blob.movedBytes, fetches: fetched.fetches,
            failedFetches: fetched.failures,
            number: blob.cookie.object, state: blob.cookieState.rawValue, flags: blob.cookie.flags.rawValue,
            accesses: blob.fetchesUnderWay)
    }
}
