// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import CoreMetrics
import Fscache
import ImageMount

/// The figures of a mount for Prometheus.
///
/// What the serving thread counts stays in its own counters, which cost it nothing, and is read when somebody asks;
/// what is counted per fetch comes through swift-metrics.
enum MountMetrics {
    /// Lets swift-metrics count in this process; once, before anything is counted.
    static func start() { MetricsSystem.bootstrap(PrometheusRegistry.shared) }

    /// All figures of this moment.
    static func text(of state: MountState, _ registry: PrometheusRegistry = .shared) -> String {
        var text = PrometheusText(helps: helps)
        let labels = [("image", state.image), ("mount_point", state.mountPoint), ("volume", state.volume?.key ?? "")]
        text.add("erofs_fuse_mount_info", .gauge, labels, 1)
        add(state.mount.status, to: &text)
        for blob in state.blobs {
            text.add("fscache_blob_size_bytes", .gauge, [("blob", blob.name)], Double(blob.size))
        }
        for blob in state.blobs {
            text.add("fscache_cached_bytes", .gauge, [("blob", blob.name)], Double(blob.cookie.presentBytes))
        }
        for blob in state.blobs {
            text.add("fscache_moved_bytes_total", .counter, [("blob", blob.name)], Double(blob.movedBytes))
        }
        if let occupancy = state.volume?.occupancy { add(occupancy, to: &text) }
        registry.write(to: &text)
        return text.text
    }

    private static func add(_ status: MountStatus, to text: inout PrometheusText) {
        for (operation, count) in status.requests.sorted(by: { $0.key < $1.key }) {
            text.add("erofs_fuse_requests_total", .counter, [("operation", operation)], Double(count))
        }
        let counters = [
            ("erofs_fuse_read_hits_total", status.hits), ("erofs_fuse_request_misses_total", status.misses),
            ("erofs_fuse_requests_handed_over_total", status.handedOver),
            ("erofs_fuse_served_bytes_total", status.bytes),
            ("erofs_fuse_request_errors_total", status.errors),
            ("erofs_fuse_requests_interrupted_total", status.interrupted),
            ("erofs_fuse_damaged_answers_total", status.damaged),
        ]
        for (name, value) in counters { text.add(name, .counter, [], Double(value)) }
        text.add("erofs_fuse_waiting_requests", .gauge, [], Double(status.waiting))
        text.add("erofs_fuse_request_wait_seconds", [], status.waits)
    }

    private static func add(_ occupancy: CacheOccupancy, to text: inout PrometheusText) {
        text.add("fscache_cache_bytes", .gauge, [], Double(occupancy.takenBytes))
        if let limit = occupancy.limits.maxBytes { text.add("fscache_cache_limit_bytes", .gauge, [], Double(limit)) }
        text.add("fscache_culled_bytes_total", .counter, [], Double(occupancy.culledBytes))
        for (name, share) in [("bytes", occupancy.blocks), ("files", occupancy.files)] {
            guard let share else { continue }
            text.add("fscache_disk_free_\(name)", .gauge, [], Double(share.free))
            text.add("fscache_disk_size_\(name)", .gauge, [], Double(share.total))
        }
        for (name, percent) in occupancy.limits.shares.sorted(by: { $0.key < $1.key }) {
            text.add("fscache_free_limit_ratio", .gauge, [("limit", name)], Double(percent) / 100)
        }
    }

    private static let helps = [
        "erofs_fuse_mount_info": "The mount that these figures are of.",
        "erofs_fuse_requests_total": "Requests of the kernel, by operation.",
        "erofs_fuse_read_hits_total": "Reads that were answered at once.",
        "erofs_fuse_request_misses_total": "Requests that waited for bytes to be fetched.",
        "erofs_fuse_requests_handed_over_total": "Requests that a worker answered, for a slow disk or decoding.",
        "erofs_fuse_served_bytes_total": "Bytes of file content that were handed to the kernel.",
        "erofs_fuse_request_errors_total": "Requests that failed.",
        "erofs_fuse_requests_interrupted_total": "Requests whose reader was killed while they waited.",
        "erofs_fuse_damaged_answers_total": "Requests that found the image damaged.",
        "erofs_fuse_waiting_requests": "Requests that wait now.",
        "erofs_fuse_request_wait_seconds": "How long requests waited that were not answered at once.",
        "fscache_blob_size_bytes": "Bytes of a blob.",
        "fscache_cached_bytes": "Bytes of a blob that are in the cache.",
        "fscache_cache_bytes": "Bytes that the cache directory takes on its disk.",
        "fscache_cache_limit_bytes": "Bytes that the cache directory may take.",
        "fscache_culled_bytes_total": "Bytes that this mount took out of the cache for a limit.",
        "fscache_disk_free_bytes": "Free bytes of the cache's file system.",
        "fscache_disk_size_bytes": "Bytes of the cache's file system.",
        "fscache_disk_free_files": "Free inodes of the cache's file system.",
        "fscache_disk_size_files": "Inodes of the cache's file system.",
        "fscache_free_limit_ratio": "What has to be free on the disk, by the names of Linux's cachefiles.",
        "fscache_fetched_bytes_total": "Bytes of a blob that came from its sources, unpacked.",
        "fscache_moved_bytes_total": "Bytes that were moved for them: packed, and with the blob's tables.",
        "fscache_fetch_failures_total": "Fetches that failed.",
        "fscache_fetch_duration_seconds": "How long successful fetches took.",
    ]
}
