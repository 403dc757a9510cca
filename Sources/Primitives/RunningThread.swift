// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// What the kernel tells of any thread of this machine.
package enum RunningThread {
    /// The processor that a thread runs on, or ran on last (`processor` in `/proc/ID/stat`, proc_pid_stat(5)); nil when the
    /// kernel does not tell.
    ///
    /// Takes some microseconds.
    package static func processor(of thread: UInt32) -> Int32? {
        KernelLine.read("/proc/\(thread)/stat", atMost: 1024, processor(in:))
    }

    /// The field in a line of `stat`, the 39th.
    ///
    /// The second field is the program's name in parentheses, and may have spaces and parentheses itself.
    static func processor(in line: KernelLine) -> Int32? {
        line.suffix(fromLast: UInt8(ascii: ")"))?.number(39 - 2)
    }
}
