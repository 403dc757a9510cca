// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives

/// A line on standard error that is written over while work goes on; for terminals only.
final class ProgressLine: Sendable {
    private let isStopping = Locked(false)
    private let changed = Condition()
    private let thread: NamedThread?

    /// Shows `text()` four times a second until `stop()`.
    init(isShown: Bool, _ text: @escaping @Sendable () -> String) {
        let (isStopping, changed) = (isStopping, changed)
        guard isShown else {
            thread = nil
            return
        }
        thread = try? NamedThread("progress") {
            while !isStopping.withLock(
                waitingOn: changed,
                { isStopping, waiter in
                    _ = waiter.wait(for: &isStopping, until: MonotonicTime.now.advanced(milliseconds: 250))
                    return isStopping
                })
            {
                StandardOutput.write("\r\u{1B}[K" + text(), to: 2)
            }
            StandardOutput.write("\r\u{1B}[K", to: 2)
        }
    }

    /// Takes the line away.
    func stop() {
        isStopping.withLock { $0 = true }
        changed.broadcast()
        thread?.join()
    }
}
