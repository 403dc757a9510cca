// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives

/// Small text files, such as configurations.
enum TextFile {
    /// The file's content; at most `limit` bytes of it.
    static func read(_ path: String, limit: Int = 1 << 20) throws(SystemError) -> String {
        let file = try Descriptor.open(path, O_RDONLY)
        var bytes = [UInt8](repeating: 0, count: limit)
        var count = 0
        while count < limit {
            let more = bytes.withUnsafeMutableBytes {
                Glibc.read(file.raw, $0.baseAddress.map { $0 + count }, limit - count)
            }
            if more < 0, errno == EINTR { continue }
            guard more >= 0 else { throw SystemError("read", on: path) }
            if more == 0 { break }
            count += more
        }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
