// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS

/// On which kind of thread a read runs, and so what it may do there; and for which file.
package struct ReadContext: Equatable, Sendable {
    /// Whether a read may sleep in the local disk and decode for long.
    package let mayWait: Bool
    /// The file that is read, for those who watch the cache; 0 when there is none.
    package private(set) var inode: UInt64 = 0

    private init(mayWait: Bool) { self.mayWait = mayWait }

    /// The serving thread: what would wait for a disk or decode for long throws `ReadError.wouldBlock`.
    package static var serving: ReadContext { ReadContext(mayWait: false) }

    /// A worker: may wait for a local disk and decode; still never waits for the network.
    package static var worker: ReadContext { ReadContext(mayWait: true) }

    /// The same for reading a file.
    func reading(_ nid: NodeID) -> ReadContext {
        var result = self
        result.inode = nid.rawValue
        return result
    }
}
