// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A POSIX thread with a name that `ps -L` shows, and with every signal blocked, so that signals reach the main thread.
///
/// It runs on any processor, even when the thread that makes it is kept to some.
package final class NamedThread: @unchecked Sendable {
    private var raw = pthread_t()
    private let joined = Locked(false)

    private final class Start {
        let name: String
        let body: @Sendable () -> Void
        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Starts a thread that runs a body once.
    package init(_ name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var all = sigset_t()
        var previous = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        let code = pthread_create(
            &raw, nil,
            { @Sendable context in
                guard let context else { return nil }
                let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
                clinux_set_thread_name(String(start.name.prefix(15)))
                Processors.releaseNewThread()
                start.body()
                return nil
            }, start.toOpaque())
        guard code == 0 else {
            start.release()
            throw SystemError("pthread_create", on: name, code: code)
        }
    }

    deinit { if !joined.withLock({ $0 }) { pthread_detach(raw) } }

    /// Waits until the thread has ended.
    ///
    /// Later calls return at once.
    package func join() {
        let first = joined.withLock { joined in
            defer { joined = true }
            return !joined
        }
        if first { pthread_join(raw, nil) }
    }
}
