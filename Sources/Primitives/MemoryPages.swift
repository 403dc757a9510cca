// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Whole pages of the system's, which go back to it with their last user.
///
/// The C library keeps what is freed for the next one who wants as much; of large pieces of changing sizes it comes to keep more
/// and more. Who shares them sees to it that nobody writes what another one reads.
package final class MemoryPages: @unchecked Sendable {
    // Safe to share: the memory itself never moves.
    package let bytes: UnsafeMutableRawBufferPointer
    private let isMapped: Bool
    /// Bytes of a page of this system.
    package static let size = Int(sysconf(Int32(_SC_PAGESIZE)))

    /// Takes at least `count` bytes, which read as zeroes unless the system has no more room for mappings.
    package init(atLeast count: Int) {
        let page = MemoryPages.size
        let size = max(1, (count + page - 1) / page) * page
        let start = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        if let start, start != MAP_FAILED {
            bytes = UnsafeMutableRawBufferPointer(start: start, count: size)
            isMapped = true
        } else {
            bytes = .allocate(byteCount: size, alignment: page)
            isMapped = false
        }
    }

    deinit { if isMapped { munmap(bytes.baseAddress, bytes.count) } else { bytes.deallocate() } }
}
