// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The file pages that this process has mapped and touched.
package enum MappedMemory {
    /// Their bytes at present (the third field of `/proc/self/statm`); 0 when the kernel does not tell.
    ///
    /// Reads a file of the kernel's, which takes some microseconds: not for the serving thread.
    package static var bytes: Int {
        let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        return withUnsafeTemporaryAllocation(byteCount: 128, alignment: 1) { text in
            let count = max(0, read(file, text.baseAddress, text.count))
            return thirdNumber(in: text[..<count]) * MemoryPages.size
        }
    }

    /// How often this process has waited for the disk in a page fault so far (`ru_majflt` of getrusage(2)).
    package static var faults: Int {
        var usage = rusage()
        return getrusage(RUSAGE_SELF.rawValue, &usage) == 0 ? usage.ru_majflt : 0
    }

    private static func thirdNumber(in text: Slice<UnsafeMutableRawBufferPointer>) -> Int {
        var field = 0
        var number = 0
        for byte in text {
            switch byte {
            case UInt8(ascii: " "): field += 1
            case UInt8(ascii: "0")...UInt8(ascii: "9") where field == 2: number = number &* 10 &+ Int(byte &- 48)
            default: break
            }
        }
        return number
    }
}
