// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The file pages that this process has mapped and touched.
package enum MappedMemory {
    /// Their bytes at present (the third field of `/proc/self/statm`); 0 when the kernel does not tell.
    ///
    /// Opens a file: not for the serving thread.
    package static var bytes: Int {
        guard let file = fopen("/proc/self/statm", "re") else { return 0 }
        defer { fclose(file) }
        var text = [CChar](repeating: 0, count: 128)
        guard fgets(&text, Int32(text.count), file) != nil else { return 0 }
        let fields = text.split(separator: CChar(UInt8(ascii: " ")))
        guard fields.count > 2 else { return 0 }
        let pages = Int(String(decoding: fields[2].map(UInt8.init(bitPattern:)), as: UTF8.self)) ?? 0
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
