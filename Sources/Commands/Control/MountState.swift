// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import FUSE
import Fscache
import Glibc
import ImageMount

/// A mount as the control socket sees it.
struct MountState: Sendable {
    let image: String
    let blobs: [Blob]
    let volume: Volume?
    let server: ImageServer
    let session: Session
    let isOffline: Bool

    init(assembly: ImageAssembly, server: ImageServer, session: Session, settings: ImageSettings) {
        image = assembly.name
        blobs = assembly.blobs
        volume = assembly.volume
        self.server = server
        self.session = session
        isOffline = settings.fetch.isOffline
    }

    /// The figures of this moment.
    var report: MountReport {
        let counters = server.counters.snapshot
        let agreed = session.negotiated
        return MountReport(
            image: image, mountPoint: session.mountPoint, process: getpid(), volume: volume?.key, isOffline: isOffline,
            blobs: blobs.map { blob in
                let fetched = blob.statistics.snapshot
                return MountReport.Blob(
                    key: blob.name, size: blob.size, cached: blob.cookie.presentBytes, object: blob.cookie.path,
                    fetchedBytes: fetched.bytes, fetches: fetched.fetches, failedFetches: fetched.failures)
            },
            served: MountReport.Served(
                requests: counters.operations, bytes: counters.bytesServed, parked: counters.parked,
                delegated: counters.delegated, failed: counters.errors, waiting: server.waitingCount),
            protocolVersion: "\(agreed.major).\(agreed.minor)", capabilities: agreed.capabilities,
            maxReadahead: agreed.maxReadahead)
    }
}
