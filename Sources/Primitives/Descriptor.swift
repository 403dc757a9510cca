// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// An open file descriptor that is closed with its last reference.
package final class Descriptor: Sendable {
    package let raw: Int32

    /// Takes over `raw`, which must be open and owned by nobody else.
    package init(owning raw: Int32) { self.raw = raw }

    deinit { close(raw) }

    /// Opens `path` as open(2) does, always with O_CLOEXEC.
    package static func open(_ path: String, _ flags: Int32, mode: UInt32 = 0o600) throws(SystemError) -> Descriptor {
        while true {
            let raw = clinux_open(path, flags | O_CLOEXEC, mode)
            if raw >= 0 { return Descriptor(owning: raw) }
            if errno != EINTR { throw SystemError("open", on: path) }
        }
    }

    /// The file's size in bytes by fstat(2).
    package func size() throws(SystemError) -> UInt64 {
        var status = stat()
        guard fstat(raw, &status) == 0 else { throw SystemError("fstat") }
        return UInt64(max(0, status.st_size))
    }
}
