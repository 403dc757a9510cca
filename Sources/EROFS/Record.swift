// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// A bounded view of image bytes whose range was checked once, for little-endian loads at any alignment.
///
/// The loads themselves are checked in debug builds only: whoever asks for a record asks for all that is loaded from it.
/// Valid as long as the ``ImageBytes`` it came from.
package struct Record {
    private let base: UnsafeRawPointer
    /// Bytes in the view.
    package let count: Int

    /// A view of `count` bytes at `base`, which the caller has checked.
    @inline(__always)
    init(base: UnsafeRawPointer, count: Int) {
        self.base = base
        self.count = count
    }

    /// The byte at `offset`.
    @inline(__always)
    package func u8(_ offset: Int) -> UInt8 { load(offset) }

    /// The 16-bit integer at `offset`.
    @inline(__always)
    package func u16(_ offset: Int) -> UInt16 { UInt16(littleEndian: load(offset)) }

    /// The 32-bit integer at `offset`.
    @inline(__always)
    package func u32(_ offset: Int) -> UInt32 { UInt32(littleEndian: load(offset)) }

    /// The 64-bit integer at `offset`.
    @inline(__always)
    package func u64(_ offset: Int) -> UInt64 { UInt64(littleEndian: load(offset)) }

    /// The memory of `count` bytes at `offset`.
    @inline(__always)
    package func bytes(at offset: Int, count length: Int) -> UnsafeRawBufferPointer {
        assert(offset >= 0 && length >= 0 && length <= count - offset)
        return UnsafeRawBufferPointer(start: base + offset, count: length)
    }

    @inline(__always)
    private func load<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int) -> Value {
        assert(offset >= 0 && MemoryLayout<Value>.size <= count - offset)
        return base.loadUnaligned(fromByteOffset: offset, as: Value.self)
    }
}
