// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// A structure of linux/fuse.h under construction, inside a reply buffer that has room for it.
///
/// Whoever made it knows its size: offsets are constants of that structure, and every byte of it is to be written.
struct WireRecord {
    let base: UnsafeMutableRawPointer

    @inline(__always) func store(_ value: UInt64, at offset: Int) {
        base.storeBytes(of: value, toByteOffset: offset, as: UInt64.self)
    }

    @inline(__always) func store(_ value: UInt32, at offset: Int) {
        base.storeBytes(of: value, toByteOffset: offset, as: UInt32.self)
    }

    /// The part that starts at `offset`.
    @inline(__always) func part(at offset: Int) -> WireRecord { WireRecord(base: base + offset) }

    /// Copies a name to `offset` and fills up with zeroes to `end`.
    @inline(__always) func store(_ name: UnsafeRawBufferPointer, at offset: Int, paddedTo end: Int) {
        guard let source = name.baseAddress, offset + name.count <= end else { return }
        // The padding is less than 8 bytes and ends where the record does; the name may overwrite its start.
        store(UInt64(0), at: end - 8)
        (base + offset).copyMemory(from: source, byteCount: name.count)
    }
}
