// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The extended attribute that the kernel's cachefiles keeps on its objects and volumes.
package struct CoherencyAttribute: Equatable, Sendable {
    /// The attribute's name.
    package static let name = "user.CacheFiles.cache"
    /// The value on a volume's directory: a reserved word, and no coherency data.
    package static let volume: [UInt8] = [0, 0, 0, 0]

    /// Bytes of the object.
    package var size: UInt64
    /// The kind of content; 0 when nothing is said of it, 4 when the object is not to be trusted.
    package var content: UInt8 = 0

    /// The attribute of an object of `size` bytes.
    package init(size: UInt64) { self.size = size }

    /// Reads a value of 18 bytes; nil when it is no object's.
    package init?(_ value: [UInt8]) {
        guard value.count == 18, value[16] == 1 else { return nil }
        size = value[..<8].reduce(0) { $0 << 8 | UInt64($1) }
        content = value[17]
    }

    /// The 18 bytes as they stand on disk: size and zero point big-endian, type "data", content.
    package var value: [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: size >> (56 - 8 * $0)) } + [UInt8](repeating: 0, count: 8) + [
            1, content,
        ]
    }
}
