// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
package import Primitives

/// The signals that end a mount, held back from the whole process and read from a descriptor instead.
///
/// Make it before any other thread: threads inherit what is held back.
package final class SignalWatch: Sendable {
    private let owned: Descriptor

    /// Holds back SIGINT, SIGTERM and SIGHUP in this thread and those it starts, and ignores SIGPIPE.
    package init() throws(SystemError) {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&set, signal) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        _ = signal(SIGPIPE, SIG_IGN)
        let raw = clinux_signalfd(&set)
        guard raw >= 0 else { throw SystemError("signalfd") }
        owned = Descriptor(owning: raw)
    }

    /// Readable when a signal has come.
    var descriptor: Int32 { owned.raw }

    /// The signal that has come, or nil; takes it.
    var pending: Int32? {
        withUnsafeTemporaryAllocation(byteCount: 128, alignment: 8) { info in
            read(owned.raw, info.baseAddress, info.count) == info.count ? Int32(info.load(as: UInt32.self)) : nil
        }
    }
}
