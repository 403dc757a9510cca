// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import FUSE
import Synchronization

/// Counts what a mount has served. Written by the serving thread and workers, read by whoever wants a status.
package final class MountCounters: @unchecked Sendable {
    // Safe to share: all of it is atomic.
    private let requests: UnsafeMutablePointer<Atomic<UInt64>>
    private let bytes = Atomic<UInt64>(0)
    private let parked = Atomic<UInt64>(0)
    private let delegated = Atomic<UInt64>(0)
    private let errors = Atomic<UInt64>(0)

    /// Operations above this number are counted together with it.
    private static let lastOpcode = 63

    init() {
        requests = .allocate(capacity: MountCounters.lastOpcode + 1)
        for opcode in 0...MountCounters.lastOpcode { (requests + opcode).initialize(to: Atomic(0)) }
    }

    deinit {
        requests.deinitialize(count: MountCounters.lastOpcode + 1)
        requests.deallocate()
    }

    @inline(__always) func received(_ opcode: UInt32) {
        requests[Int(min(opcode, UInt32(MountCounters.lastOpcode)))].wrappingAdd(1, ordering: .relaxed)
    }

    @inline(__always) func served(_ count: Int) { bytes.wrappingAdd(UInt64(count), ordering: .relaxed) }

    func parkedOne() { parked.wrappingAdd(1, ordering: .relaxed) }

    func delegatedOne() { delegated.wrappingAdd(1, ordering: .relaxed) }

    func failedOne() { errors.wrappingAdd(1, ordering: .relaxed) }

    /// The figures of this moment.
    package var snapshot: Snapshot {
        var operations: [String: UInt64] = [:]
        for opcode in Opcode.allCases {
            let count = requests[Int(opcode.rawValue)].load(ordering: .relaxed)
            if count > 0 { operations["\(opcode)"] = count }
        }
        return Snapshot(
            operations: operations, bytesServed: bytes.load(ordering: .relaxed),
            parked: parked.load(ordering: .relaxed),
            delegated: delegated.load(ordering: .relaxed), errors: errors.load(ordering: .relaxed))
    }

    /// The figures of one moment.
    package struct Snapshot: Equatable, Sendable {
        /// Requests by the name of their operation.
        package let operations: [String: UInt64]
        /// Bytes of files given to readers.
        package let bytesServed: UInt64
        /// Requests that had to wait for bytes.
        package let parked: UInt64
        /// Requests that went to a worker.
        package let delegated: UInt64
        /// Requests that failed.
        package let errors: UInt64
    }
}
