// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import FUSE
package import Primitives

/// An additional layer store mounted on a directory; made and served by one thread, the main one.
///
/// Everything in it, the trees of all layers included, is one mount: when that is gone, nothing else is left.
package final class ServedStore {
    private let session: Session
    private let server: StoreServer
    private let idle: UInt64
    /// Milliseconds after which a layer goes that the container tool does not use.
    private static let unused: UInt64 = 10_000

    /// Mounts the store; it answers once ``serve(_:)`` runs.
    ///
    /// - Parameters:
    ///   - idle: Milliseconds after which a layer goes that nobody has looked into.
    ///   - ready: Called once, on the serving thread, when the store answers.
    package init(
        _ provider: any LayerProvider, on mountPoint: String, options: MountOptions, switches: Switches, idle: UInt64,
        ready: @escaping @Sendable () -> Void
    ) throws(SessionError) {
        var options = options
        // Uses are announced by making a file, which the kernel must let through.
        options.isReadOnly = false
        session = try Session(mountPoint: mountPoint, options: options, switches: switches)
        server = StoreServer(provider, channel: session, ready: ready)
        self.idle = idle
    }

    /// Serves until the store is unmounted or a signal comes, and unmounts it.
    package func serve(_ signals: SignalWatch) throws(SystemError) -> ServingLoop.End {
        let isEnding = Locked(false)
        let ending = Condition()
        let (server, idle) = (server, idle)
        let thread = try NamedThread("layer-idle") {
            isEnding.withLock(waitingOn: ending) { isEnding, waiter in
                while !isEnding {
                    let next = MonotonicTime.now.advanced(milliseconds: max(100, min(idle, ServedStore.unused) / 2))
                    if waiter.wait(for: &isEnding, until: next) || isEnding { continue }
                    server.letGo(unused: min(idle, ServedStore.unused), used: idle)
                }
            }
        }
        var loop = ServingLoop(session, signals: signals)
        let end = loop.run(server)
        isEnding.withLock { $0 = true }
        ending.broadcast()
        thread.join()
        server.stop()
        session.close()
        return end
    }
}
