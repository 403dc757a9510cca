// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import Primitives

/// Page-aligned memory in which a thread builds one reply after the other.
///
/// The first 16 bytes are the reply's header, the payload follows; so one write(2) sends both.
package final class ReplyBuffer {
    /// Bytes of `struct fuse_out_header`.
    static let headerSize = 16
    /// Bytes of the largest payload: a read of 1 MiB.
    package static let capacity = 1 << 20

    private let memory: UnsafeMutableRawBufferPointer
    /// Bytes of the largest payload of this buffer.
    private let limit: Int
    /// Where ``count`` is kept: in front of the header.
    ///
    /// As a variable of a class each access to it would be checked at run time.
    private let counter: UnsafeMutablePointer<Int>
    /// Bytes of payload appended so far.
    package private(set) var count: Int {
        get { counter.pointee }
        set { counter.pointee = newValue }
    }

    /// For payloads that are parts of files; nil when all have to be in memory.
    private let pipe: ReplyPipe?
    /// Whether the payload lies in ``pipe``; kept like ``count``.
    private var isInPipe: Bool {
        get { counter[1] != 0 }
        set { counter[1] = newValue ? 1 : 0 }
    }

    /// A buffer for a payload of up to `limit` bytes in memory.
    package convenience init(limit: Int = ReplyBuffer.capacity) { self.init(limit: limit, pipe: nil) }

    /// A buffer whose payload may also be a part of a file, when there is a pipe.
    init(limit: Int = ReplyBuffer.capacity, pipe: ReplyPipe?) {
        // The payload starts on a page, so that reads go to aligned memory; the header lies right before it. Only that is
        // cleared: what is never used of a large payload shall take no memory.
        let start = UnsafeMutableRawPointer.allocate(byteCount: 4096 + limit, alignment: 4096)
        memory = UnsafeMutableRawBufferPointer(start: start, count: 4096 + limit)
        start.initializeMemory(as: UInt8.self, repeating: 0, count: 4096)
        counter = start.bindMemory(to: Int.self, capacity: 2)
        self.limit = limit
        self.pipe = pipe
    }

    deinit { memory.deallocate() }

    /// The whole payload area, to be filled in place; see `commit(_:)`.
    package var payload: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(rebasing: memory[4096...]) }

    /// Forgets the payload.
    package func reset() {
        count = 0
        if isInPipe { forgetPipe() }
    }

    /// Bytes that a payload may have which is a part of a file, and is not copied here; see ``take(_:of:at:to:)``.
    package var takesOfFiles: Int { pipe?.limit ?? 0 }

    /// Makes `count` bytes of an open file the payload, without copying them here.
    ///
    /// Waits for the disk, if the bytes are not in the page cache.
    ///
    /// - Parameters:
    ///   - offset: Where they begin in the file; there a page has to begin.
    ///   - unique: The number of the request that the payload is for.
    /// - Returns: False when that cannot be: then there is no payload yet.
    package func take(_ count: Int, of file: Descriptor, at offset: UInt64, to unique: UInt64) -> Bool {
        guard count <= limit, let start = Int64(exactly: offset), let pipe,
            pipe.fill(count, of: file.raw, at: start, to: unique)
        else { return false }
        self.count = count
        isInPipe = true
        return true
    }

    /// Sends a payload that is in the pipe to the device of a session; nil when it is in memory.
    ///
    /// - Returns: Whether the kernel took it, or wants no reply any more.
    @inline(__always) func sendPipe(to device: Int32) -> Bool? {
        guard isInPipe else { return nil }
        isInPipe = false
        return pipe?.send(to: device)
    }

    private func forgetPipe() {
        isInPipe = false
        pipe?.clear()
    }

    /// Declares the first `count` bytes of ``payload`` to be the reply.
    package func commit(_ count: Int) { self.count = min(max(0, count), limit) }

    /// Appends an integer.
    @inline(__always) package func append<Value: FixedWidthInteger>(_ value: Value) {
        guard limit - count >= MemoryLayout<Value>.size else { return }
        memory.storeBytes(of: value, toByteOffset: 4096 + count, as: Value.self)
        count += MemoryLayout<Value>.size
    }

    /// Appends a record of `size` bytes, which the caller fills whole; nil when there is no room.
    @inline(__always) func appendRecord(_ size: Int) -> WireRecord? {
        let start = count
        guard limit - start >= size, let base = memory.baseAddress else { return nil }
        count = start + size
        return WireRecord(base: base + (4096 + start))
    }

    /// Appends bytes.
    package func append(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty, limit - count >= bytes.count else { return }
        UnsafeMutableRawBufferPointer(rebasing: memory[(4096 + count)...]).copyMemory(from: bytes)
        count += bytes.count
    }

    /// The reply to `unique`, header first: the payload when `error` is 0, else the error alone.
    func message(to unique: UInt64, error: Int32) -> UnsafeRawBufferPointer {
        let length = ReplyBuffer.headerSize + (error == 0 ? count : 0)
        let start = 4096 - ReplyBuffer.headerSize
        memory.storeBytes(of: UInt32(length), toByteOffset: start, as: UInt32.self)
        memory.storeBytes(of: -error, toByteOffset: start + 4, as: Int32.self)
        memory.storeBytes(of: unique, toByteOffset: start + 8, as: UInt64.self)
        return UnsafeRawBufferPointer(rebasing: memory[start..<start + length])
    }
}
