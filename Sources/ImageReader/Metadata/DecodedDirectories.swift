// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import Primitives

/// The contents of directories that cannot be read in place, kept for the lookups and listings that follow.
///
/// Bounded by bytes; the oldest go first. Only images with encoded directories come here, so one lock will do.
package final class DecodedDirectories: Sendable {
    private struct State {
        var contents: [NodeID: ImageBytes] = [:]
        var order: [NodeID] = []
        var bytes = 0
    }

    /// Bytes of all kept directories.
    static let capacity = 32 << 20
    /// Bytes of the largest directory that is read at all.
    static let largest = 128 << 20

    private let state = Locked(State())

    package init() {}

    func content(of nid: NodeID) -> ImageBytes? { state.withLock { $0.contents[nid] } }

    func keep(_ bytes: ImageBytes, of nid: NodeID) {
        state.withLock { state in
            guard state.contents.updateValue(bytes, forKey: nid) == nil else { return }
            state.order.append(nid)
            state.bytes += Int(bytes.count)
            while state.bytes > DecodedDirectories.capacity, state.order.count > 1 {
                let oldest = state.order.removeFirst()
                state.bytes -= state.contents.removeValue(forKey: oldest).map { Int($0.count) } ?? 0
            }
        }
    }
}
