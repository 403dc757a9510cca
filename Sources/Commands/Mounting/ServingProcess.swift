// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Primitives

/// The process that serves a mount: to be found while it is mounted, and waited for afterwards.
struct ServingProcess {
    let id: Int32
    /// A descriptor of the process: it stands for no other, whatever becomes of the number.
    private let handle: Descriptor

    /// The process behind the mount's control socket.
    ///
    /// - Returns: Nil when nobody answers there: the mount is another program's, or another user's.
    init?(mountPoint: String) {
        guard let connection = try? ControlSocket.connect(mountPoint: mountPoint) else { return nil }
        id = clinux_peer_process(connection.raw)
        guard id > 0 else { return nil }
        // The connection is younger than its server, and ends with it: the number is still the server's.
        let raw = clinux_pidfd_open(id)
        guard raw >= 0 else { return nil }
        handle = Descriptor(owning: raw)
    }

    /// Waits until the process has ended.
    ///
    /// - Returns: False when it has not after that time.
    func hasEnded(withinMilliseconds limit: UInt64) -> Bool {
        let deadline = MonotonicTime.now.advanced(milliseconds: limit)
        while true {
            var event = pollfd(fd: handle.raw, events: Int16(POLLIN), revents: 0)
            let count = poll(&event, 1, Int32(clamping: MonotonicTime.now.milliseconds(until: deadline)))
            if count >= 0 || errno != EINTR { return count > 0 }
        }
    }
}
