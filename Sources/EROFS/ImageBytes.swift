// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// A run of image bytes in memory: the only door to them.
///
/// Every access is checked against the run's end, and against the residency if the image is only partly there. The memory
/// stays valid and unchanged as long as `owner` lives.
package struct ImageBytes: @unchecked Sendable {
    private let base: UnsafeRawPointer
    private let owner: any AnyObject & Sendable
    private let residency: (any Residency)?
    private let seen: SeenWindows?
    /// The position of the first byte in the image file; what the residency counts from.
    package let origin: UInt64
    /// Bytes in the run.
    package let count: UInt64

    /// A run of `count` bytes at `base`, kept alive by `owner`.
    ///
    /// - Parameters:
    ///   - residency: Tells which bytes are there; nil when all are.
    ///   - seen: Windows of whose reads the owner, a ``FirstTouchListener``, need not hear any more; kept by it.
    package init(
        owner: any AnyObject & Sendable, base: UnsafeRawPointer, count: UInt64, residency: (any Residency)? = nil,
        seen: SeenWindows? = nil
    ) {
        self.init(base: base, owner: owner, residency: residency, seen: seen, origin: 0, count: count)
    }

    private init(
        base: UnsafeRawPointer, owner: any AnyObject & Sendable, residency: (any Residency)?, seen: SeenWindows?,
        origin: UInt64, count: UInt64
    ) {
        self.base = base
        self.owner = owner
        self.residency = residency
        self.seen = seen
        self.origin = origin
        self.count = count
    }

    /// A run that owns a copy of `bytes`.
    package static func copying(_ bytes: [UInt8], residency: (any Residency)? = nil) -> ImageBytes {
        let copy = OwnedBytes(bytes)
        return ImageBytes(owner: copy, base: copy.base, count: UInt64(bytes.count), residency: residency)
    }

    /// The memory of `count` bytes at `offset`.
    ///
    /// The pointer is valid as long as this value or a copy of it lives.
    @inline(__always)
    package func bytes(at offset: UInt64, count length: Int) throws(ImageError) -> UnsafeRawBufferPointer {
        try check(offset, length)
        return UnsafeRawBufferPointer(start: base + Int(truncatingIfNeeded: offset), count: length)
    }

    /// A view of `count` bytes at `offset` to load integers from.
    @inline(__always)
    package func record(at offset: UInt64, count length: Int) throws(ImageError) -> Record {
        try check(offset, length)
        return Record(base: base + Int(truncatingIfNeeded: offset), count: length)
    }

    /// The run of `count` bytes at `offset`, sharing the memory; its bytes need not be resident yet.
    package func slice(at offset: UInt64, count length: UInt64) throws(ImageError) -> ImageBytes {
        guard offset <= count, length <= count - offset else {
            throw .outOfBounds(offset: offset, count: length, size: count)
        }
        return ImageBytes(
            base: base + Int(truncatingIfNeeded: offset), owner: owner, residency: residency, seen: seen,
            origin: origin &+ offset, count: length)
    }

    /// Throws unless all bytes of the run have arrived; reads none of them.
    package func requireAll() throws(ImageError) {
        guard let residency, !residency.isResident(offset: origin, count: Int(clamping: count)) else { return }
        throw .notResident(offset: origin, count: Int(clamping: count))
    }

    /// Whether the access lies in the run and all its bytes have arrived.
    @inline(__always)
    private func check(_ offset: UInt64, _ length: Int) throws(ImageError) {
        guard length >= 0, offset <= count, UInt64(truncatingIfNeeded: length) <= count - offset else {
            throw .outOfBounds(offset: offset, count: UInt64(truncatingIfNeeded: length), size: count)
        }
        if let seen, !seen.has(origin &+ offset, length) { tell(offset, length) }
        guard let residency else { return }
        guard residency.isResident(offset: origin &+ offset, count: length) else {
            throw .notResident(offset: origin &+ offset, count: length)
        }
    }

    /// Tells the owner of bytes that are about to be read.
    @inline(never)
    private func tell(_ offset: UInt64, _ length: Int) {
        (owner as? any FirstTouchListener)?.willRead(offset: origin &+ offset, count: length)
    }
}

/// Memory of its own for ``ImageBytes/copying(_:residency:)``.
private final class OwnedBytes: @unchecked Sendable {
    private let memory: UnsafeMutableRawPointer
    var base: UnsafeRawPointer { UnsafeRawPointer(memory) }

    init(_ bytes: [UInt8]) {
        memory = .allocate(byteCount: max(bytes.count, 1), alignment: 16)
        bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            memory.copyMemory(from: start, byteCount: source.count)
        }
    }

    deinit { memory.deallocate() }
}
