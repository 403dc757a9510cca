// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CFuse3
import Glibc
import Primitives

/// What libfuse writes to its log while a mount is made: the only place where it says why one failed.
///
/// fusermount3 is a process of its own and writes to standard error itself.
final class LibraryLog: Sendable {
    private let lines = Locked("")

    private static let shared = LibraryLog()

    /// Begins to collect, forgetting what came before.
    static func start() -> LibraryLog {
        shared.lines.withLock { $0 = "" }
        fuse_set_log_func { @Sendable _, format, arguments in
            guard let format, let arguments else { return }
            let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer -> String in
                guard let base = buffer.baseAddress, vsnprintf(base, buffer.count, format, arguments) >= 0 else {
                    return ""
                }
                return String(cString: base)
            }
            LibraryLog.shared.lines.withLock { if $0.utf8.count < 4096 { $0 += text } }
        }
        return shared
    }

    /// The last line, without the program's name before it; nil when nothing was said.
    var text: String? {
        let last = lines.withLock { $0 }.split(separator: "\n").last.map(String.init) ?? ""
        let plain = last.hasPrefix("fuse: ") ? String(last.dropFirst(6)) : last
        return plain.isEmpty ? nil : plain
    }
}
