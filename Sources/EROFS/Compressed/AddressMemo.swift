// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Remembers sums of extent lengths, for inodes that store the address of their first cluster only.
///
/// A small table without locks: any thread may overwrite what another remembered. A slot holds a value and the value
/// exclusive-or its key, so that halves of two writes do not pass for one entry.
final class AddressMemo: Sendable {
    /// Records from one remembered sum to the next.
    static let stride: UInt64 = 1024
    private let values = InlineArray<256, Atomic<UInt64>> { _ in Atomic(0) }
    private let marks = InlineArray<256, Atomic<UInt64>> { _ in Atomic(0) }

    init() {}

    /// The remembered address of the first record in block `block` of an inode's records.
    func address(of nid: NodeID, _ block: UInt64) -> UInt64? {
        let key = AddressMemo.key(nid, block)
        let slot = Int(key >> 56)
        let value = values[slot].load(ordering: .relaxed)
        return marks[slot].load(ordering: .relaxed) ^ value == key ? value : nil
    }

    /// Remembers an address.
    func remember(_ address: UInt64, of nid: NodeID, _ block: UInt64) {
        let key = AddressMemo.key(nid, block)
        let slot = Int(key >> 56)
        values[slot].store(address, ordering: .relaxed)
        marks[slot].store(address ^ key, ordering: .relaxed)
    }

    /// Never 0, which empty slots have.
    private static func key(_ nid: NodeID, _ block: UInt64) -> UInt64 {
        var key = (nid.rawValue &* 0x9E37_79B9_7F4A_7C15) ^ (block &+ 1) &* 0xD6E8_FEB8_6659_FD93
        key = (key ^ key >> 32) &* 0xD6E8_FEB8_6659_FD93
        return (key ^ key >> 29) | 1
    }
}
