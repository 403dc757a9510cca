// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import FUSE
import Synchronization

/// Counters of what was asked and answered, one set for each kind of thread.
///
/// Bumping one is a relaxed atomic addition to memory that no other busy thread writes.
final class Tally: @unchecked Sendable {
    // Safe to share: the memory holds atomics and lives as long as the object.
    private static let opcodes = 64
    private static let total = opcodes + Fact.allCases.count
    private let counts: UnsafeMutablePointer<Atomic<UInt64>>

    /// What is counted besides operations.
    enum Fact: Int, CaseIterable, Sendable {
        /// Bytes of file content in replies.
        case bytes
        /// Requests that found something missing and waited for a fetch.
        case misses
        /// Requests that went to a worker for a local disk or decoding.
        case handedOver
        /// Reads whose reply was made before they came.
        case early
        /// Requests answered with an error.
        case errors
        /// Requests that were interrupted while they waited.
        case interrupted
        /// Answers that found the image damaged.
        case damaged
    }

    init() {
        counts = .allocate(capacity: Tally.total)
        for index in 0..<Tally.total { (counts + index).initialize(to: Atomic(0)) }
    }

    deinit {
        counts.deinitialize(count: Tally.total)
        counts.deallocate()
    }

    @inline(__always) func count(_ opcode: Opcode) { add(1, at: Int(opcode.rawValue) & (Tally.opcodes - 1)) }

    @inline(__always) func count(_ fact: Fact, _ amount: Int = 1) {
        add(UInt64(truncatingIfNeeded: amount), at: Tally.opcodes + fact.rawValue)
    }

    func value(_ opcode: Opcode) -> UInt64 { value(at: Int(opcode.rawValue) & (Tally.opcodes - 1)) }

    func value(_ fact: Fact) -> UInt64 { value(at: Tally.opcodes + fact.rawValue) }

    @inline(__always) private func add(_ amount: UInt64, at index: Int) {
        counts[index].wrappingAdd(amount, ordering: .relaxed)
    }

    private func value(at index: Int) -> UInt64 { counts[index].load(ordering: .relaxed) }
}
