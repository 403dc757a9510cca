// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Where the bytes of a bootstrap come from, without a pointer into it being kept.
package struct BootstrapReader: Sendable {
    /// The size of the bootstrap in bytes.
    package let size: UInt64
    private let copy: @Sendable (UInt64, Int) throws(RafsError) -> [UInt8]

    /// Reads with `copy`, which is given ranges inside `size` only.
    package init(size: UInt64, copy: @escaping @Sendable (UInt64, Int) throws(RafsError) -> [UInt8]) {
        self.size = size
        self.copy = copy
    }

    /// Reads from bytes in memory.
    package init(_ bytes: [UInt8]) {
        self.init(size: UInt64(bytes.count)) { offset, count throws(RafsError) in
            Array(bytes[Int(offset)..<Int(offset) + count])
        }
    }

    /// A copy of `count` bytes at `offset`; `place` names them in errors.
    func bytes(at offset: UInt64, count: Int, _ place: RafsError.Place) throws(RafsError) -> [UInt8] {
        guard count >= 0, offset.fits(UInt64(count), within: size) else {
            throw .truncated(place, offset: offset, count: UInt64(max(0, count)))
        }
        let bytes = try copy(offset, count)
        guard bytes.count == count else { throw .truncated(place, offset: offset, count: UInt64(count)) }
        return bytes
    }
}
