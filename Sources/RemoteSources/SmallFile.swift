// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Primitives

/// Configuration files, read whole.
enum SmallFile {
    /// The bytes of a file; nil when it cannot be read or has more than `limit` bytes.
    static func bytes(of path: String, limit: UInt64 = 1 << 20) -> [UInt8]? {
        guard let file = try? Descriptor.open(path, O_RDONLY), let size = try? file.size(), size <= limit else {
            return nil
        }
        var bytes = [UInt8](repeating: 0, count: Int(size))
        let count = bytes.withUnsafeMutableBytes { pread(file.raw, $0.baseAddress, $0.count, 0) }
        return count == bytes.count ? bytes : nil
    }

    /// The text of a file.
    static func text(of path: String) -> String? { bytes(of: path).map { String(decoding: $0, as: UTF8.self) } }
}
