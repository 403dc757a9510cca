// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import FUSE
import Primitives

/// Counters of what was asked and answered, one set for each kind of thread.
///
/// Bumping one is a relaxed atomic addition to memory that no other busy thread writes.
final class Tally: Sendable {
    private static let opcodes = 64
    private let counts = AtomicWords(atLeast: Tally.opcodes + Fact.allCases.count, each: 0)

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

    @inline(__always) func count(_ opcode: Opcode) { counts.add(1, at: Int(opcode.rawValue) & (Tally.opcodes - 1)) }

    @inline(__always) func count(_ fact: Fact, _ amount: Int = 1) {
        counts.add(UInt64(truncatingIfNeeded: amount), at: Tally.opcodes + fact.rawValue)
    }

    func value(_ opcode: Opcode) -> UInt64 { counts[Int(opcode.rawValue) & (Tally.opcodes - 1)] }

    func value(_ fact: Fact) -> UInt64 { counts[Tally.opcodes + fact.rawValue] }
}
