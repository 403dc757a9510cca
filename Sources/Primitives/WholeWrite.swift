// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// write(2), again and again until everything is written.
package enum WholeWrite {
    /// Writes all of `bytes` to a descriptor that is open for writing.
    ///
    /// - Returns: False when that failed, with errno; some of the bytes may be written then.
    package static func write(_ bytes: UnsafeRawBufferPointer, to raw: Int32) -> Bool {
        var done = 0
        while done < bytes.count {
            let count = Glibc.write(raw, bytes.baseAddress.map { $0 + done }, bytes.count - done)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }

    /// Writes all of `text`.
    package static func write(_ text: String, to raw: Int32) -> Bool {
        var text = text
        return text.withUTF8 { write(UnsafeRawBufferPointer($0), to: raw) }
    }
}
