// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Logging
import Primitives

/// Where a mount writes what goes wrong: to the terminal while it is attached to one, and to its log file.
final class MountLog: Sendable {
    private let logger: Logger
    private let file: Descriptor?

    /// - Parameter isAttached: Whether standard error stays with the process.
    init(path: String?, isAttached: Bool) throws(SystemError) {
        let file: Descriptor? =
            if let path { try Descriptor.open(path, O_WRONLY | O_CREAT | O_APPEND, mode: 0o644) } else { nil }
        self.file = file
        let target = file?.raw ?? (isAttached ? 2 : nil)
        logger = Logger(label: "mount") { _ in LineLogHandler(descriptor: target) }
    }

    /// Writes one line.
    @Sendable func write(_ message: String) { logger.warning("\(message)") }

    /// What to do when the mount answers: say so to who waits for it, and let go of the terminal.
    ///
    /// - Parameter descriptor: Where to say it; nil when nobody waits.
    func whenReady(_ descriptor: Int32?) -> @Sendable () -> Void {
        guard let descriptor else { return {} }
        return { [self] in
            var byte: UInt8 = 1
            Glibc.write(descriptor, &byte, 1)
            close(descriptor)
            detach()
        }
    }

    /// Lets go of the terminal: a background process must not keep it.
    private func detach() {
        guard let null = try? Descriptor.open("/dev/null", O_RDWR) else { return }
        for descriptor: Int32 in [1, 2] { dup2(null.raw, descriptor) }
    }
}

/// Writes log messages as lines with a time.
private struct LineLogHandler: LogHandler {
    let descriptor: Int32?
    var logLevel = Logger.Level.info
    var metadata = Logger.Metadata()

    init(descriptor: Int32?) { self.descriptor = descriptor }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        guard let descriptor else { return }
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        let stamp = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer -> String in
            guard let base = buffer.baseAddress else { return "" }
            strftime(base, buffer.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
            return String(cString: base)
        }
        StandardOutput.write("\(stamp) \(event.level) \("\(event.message)".printable)\n", to: descriptor)
    }
}
