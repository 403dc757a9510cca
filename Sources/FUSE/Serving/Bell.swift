// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Primitives

/// Wakes threads that wait for input of descriptors (an eventfd); may be rung from any thread.
final class Bell: Sendable {
    private let owned: Descriptor

    init() throws(SystemError) {
        let raw = clinux_eventfd(0, O_CLOEXEC)
        guard raw >= 0 else { throw SystemError("eventfd") }
        owned = Descriptor(owning: raw)
    }

    /// Readable, 8 bytes, from when it is rung until it is read.
    var descriptor: Int32 { owned.raw }

    func ring() {
        var one: UInt64 = 1
        _ = write(owned.raw, &one, 8)
    }
}
