// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The file pages that this process has mapped and touched.
package enum MappedMemory {
    /// Their bytes at present (the third field of `/proc/self/statm`); 0 when the kernel does not tell.
    ///
    /// Reads a file of the kernel's, which takes some microseconds: not for the serving thread.
    package static var bytes: Int {
        KernelLine.read("/proc/self/statm", atMost: 128) { $0.number(2) }.map { $0 * MemoryPages.size } ?? 0
    }

    /// How often this process has waited for the disk in a page fault so far (`ru_majflt` of getrusage(2)).
    package static var faults: Int {
        var usage = rusage()
        return getrusage(RUSAGE_SELF.rawValue, &usage) == 0 ? usage.ru_majflt : 0
    }
}
