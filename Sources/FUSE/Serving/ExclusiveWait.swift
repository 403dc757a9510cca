// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Primitives
import Synchronization

/// How a thread sleeps at the device when others do as well: a request wakes one of them.
///
/// With poll(2) it would wake all. For one thread.
struct ExclusiveWait: ~Copyable {
    private let owned: Descriptor
    private let shared: Int32

    /// - Parameter shared: What wakes everybody.
    /// - Returns: Nil when the system has no descriptor to give.
    init?(at device: Int32, or shared: Int32) {
        let raw = clinux_epoll_of(device, shared)
        guard raw >= 0 else { return nil }
        owned = Descriptor(owning: raw)
        self.shared = shared
    }

    /// What ended a sleep.
    enum End {
        /// The device may have something.
        case device
        /// What wakes everybody has something.
        case shared
        /// The time is up.
        case time
    }

    /// Sleeps.
    ///
    /// - Parameter limit: Milliseconds at most; nil for ever.
    func sleep(atMost limit: Int32?) -> End {
        let woken = clinux_epoll_wait(owned.raw, limit ?? -1)
        return woken == shared ? .shared : woken >= 0 || limit == nil ? .device : .time
    }

    /// The same, counted meanwhile among those who sleep.
    func sleep(atMost limit: Int32?, among sleepers: borrowing Atomic<Int>) -> End {
        sleepers.add(1, ordering: .relaxed)
        defer { sleepers.subtract(1, ordering: .relaxed) }
        return sleep(atMost: limit)
    }
}
