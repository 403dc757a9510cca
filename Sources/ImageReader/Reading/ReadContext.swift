// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS

/// On which kind of thread a read runs, and so what it may do there; and for which file.
package struct ReadContext: Equatable, Sendable {
    /// Whether a read may sleep in a local disk.
    package let mayWaitForDisk: Bool
    /// Whether a read may decode for long, and wait for another thread that does.
    package let mayTakeLong: Bool
    /// The file that is read, for those who watch the cache; 0 when there is none.
    package private(set) var inode: UInt64 = 0

    private init(mayWaitForDisk: Bool, mayTakeLong: Bool) {
        self.mayWaitForDisk = mayWaitForDisk
        self.mayTakeLong = mayTakeLong
    }

    /// The serving thread: what would wait for a disk or decode for long throws `ReadError.wouldBlock`.
    package static var serving: ReadContext { ReadContext(mayWaitForDisk: false, mayTakeLong: false) }

    /// A thread that serves while it is not needed: may wait for a local disk, and decode for a little longer.
    package static var patient: ReadContext { ReadContext(mayWaitForDisk: true, mayTakeLong: false) }

    /// A worker: may wait for a local disk and decode; still never waits for the network.
    package static var worker: ReadContext { ReadContext(mayWaitForDisk: true, mayTakeLong: true) }

    /// The same for reading a file.
    func reading(_ nid: NodeID) -> ReadContext {
        var result = self
        result.inode = nid.rawValue
        return result
    }
}
