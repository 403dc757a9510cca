// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import FUSE
package import Primitives

/// What a mount has done so far, for `status`, `metrics` and tests.
package struct MountStatus: Equatable, Sendable {
    /// What kernel and server agreed on.
    package var negotiated = Negotiated()
    /// Requests by the name of their operation; those that never came are left out.
    package var requests: [String: UInt64] = [:]
    /// Reads that were answered at once, from the cache.
    package var hits: UInt64 = 0
    /// Requests that waited for a fetch.
    package var misses: UInt64 = 0
    /// Requests that a worker answered, because of a slow disk or of decoding.
    package var handedOver: UInt64 = 0
    /// Reads whose reply was made before they came; part of ``hits`` too.
    package var early: UInt64 = 0
    /// Bytes of file content that were handed to the kernel.
    package var bytes: UInt64 = 0
    /// Requests answered with an error that was not to be expected.
    package var errors: UInt64 = 0
    /// Requests whose reader was killed while they waited.
    package var interrupted: UInt64 = 0
    /// Answers that found the image damaged.
    package var damaged: UInt64 = 0
    /// Files that the kernel reads by itself at this moment, or can at once when they are opened again.
    package var passedFiles = 0
    /// Requests that wait at this moment.
    package var waiting = 0
    /// How long requests waited that were not answered at once.
    package var waits = LatencyHistogram.Snapshot()

    package init() {}
}

extension ImageServer {
    /// The counters of all threads at this moment.
    func status() -> MountStatus {
        let tallies = seats.map(\.tally) + [workerTally]
        func sum(_ fact: Tally.Fact) -> UInt64 { tallies.reduce(0) { $0 + $1.value(fact) } }
        func sum(_ opcode: Opcode) -> UInt64 { tallies.reduce(0) { $0 + $1.value(opcode) } }
        var result = MountStatus()
        for opcode in Opcode.allCases {
            let count = sum(opcode)
            if count > 0 { result.requests["\(opcode)"] = count }
        }
        result.misses = sum(.misses)
        result.handedOver = sum(.handedOver)
        result.early = sum(.early)
        let reads = sum(.read)
        result.hits = reads - min(reads, result.misses + result.handedOver)
        result.bytes = sum(.bytes)
        result.errors = sum(.errors)
        result.interrupted = sum(.interrupted)
        result.damaged = sum(.damaged)
        result.waiting = lot.count
        result.passedFiles = passing?.files.count ?? 0
        result.waits = waits.snapshot
        return result
    }
}
