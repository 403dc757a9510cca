// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What the kernel tells of any thread of this machine.
package enum RunningThread {
    /// The processor that a thread runs on, or ran on last (`processor` in `/proc/ID/stat`, proc_pid_stat(5)); nil when the
    /// kernel does not tell.
    ///
    /// Takes some microseconds.
    package static func processor(of thread: UInt32) -> Int32? {
        let file = open("/proc/\(thread)/stat", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        return withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 1) { text in
            processor(in: text[..<max(0, read(file, text.baseAddress, text.count))])
        }
    }

    /// The field in a line of `stat`.
    ///
    /// The second field is the program's name in parentheses, and may have spaces and parentheses itself.
    static func processor(in line: Slice<UnsafeMutableRawBufferPointer>) -> Int32? {
        guard let name = line.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        var field = 2
        var number: Int32?
        for byte in line[name...].dropFirst() {
            switch byte {
            case UInt8(ascii: " "): field += 1
            case UInt8(ascii: "0")...UInt8(ascii: "9") where field == processorField:
                let (tens, isLarge) = (number ?? 0).multipliedReportingOverflow(by: 10)
                guard !isLarge, tens <= Int32.max - 9 else { return nil }
                number = tens + Int32(byte - UInt8(ascii: "0"))
            default: if field > processorField { return number }
            }
        }
        return number
    }

    private static let processorField = 39
}
