// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import BlobFetch
package import EROFS
import Glibc
package import Primitives
import Synchronization

/// The metadata of an image that is itself a blob: a copy in memory of those of its pages that were needed so far.
///
/// A copy and not a mapping of the cache object, because the cache may take cold bytes back at any time, and because it
/// stays whole when the disk is full. Memory is taken for touched pages only.
package final class MetadataMirror: Residency, @unchecked Sendable {
    // Safe to share: a page is written before its bit is set (release), and read only after the bit was seen (acquire).
    private let base: UnsafeMutableRawPointer
    private let count: Int
    /// A bit for each page, behind the pages in the same mapping: of them, too, memory is taken for what is touched only.
    private let bits: UnsafeMutablePointer<Atomic<UInt64>>
    private let length: Int
    private let blob: Blob
    /// Copies are made by one thread at a time, so that no page is written twice.
    private let copying = Locked(())

    /// Bytes of a page of the mirror: the granule of the cache's map.
    static let pageSize: UInt64 = 4096

    /// Reserves address space for the whole of `blob`; nothing is copied yet.
    package init(_ blob: Blob) throws(SystemError) {
        guard blob.size > 0, blob.size <= UInt64(Int.max) / 2 else {
            throw SystemError("mmap", on: blob.name, code: EFBIG)
        }
        let pages = Int((blob.size - 1) / MetadataMirror.pageSize) + 1
        let bitmap = pages * Int(MetadataMirror.pageSize)
        length = bitmap + (pages + 63) / 64 * 8
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        let address = mmap(nil, length, PROT_READ | PROT_WRITE, flags, -1, 0)
        guard let address, address != MAP_FAILED else { throw SystemError("mmap", on: blob.name) }
        base = address
        bits = (address + bitmap).assumingMemoryBound(to: Atomic<UInt64>.self)
        count = Int(blob.size)
        self.blob = blob
    }

    deinit { munmap(base, length) }

    /// The mirror as the EROFS storey takes it; accesses to absent pages throw `notResident`.
    package var bytes: ImageBytes {
        ImageBytes(owner: self, base: UnsafeRawPointer(base), count: UInt64(count), residency: self)
    }

    package func isResident(offset: UInt64, count: Int) -> Bool {
        guard count > 0 else { return true }
        guard offset < UInt64(self.count), UInt64(self.count) - offset >= UInt64(count) else { return false }
        let first = offset / MetadataMirror.pageSize
        let last = (offset + UInt64(count) - 1) / MetadataMirror.pageSize
        for page in first...last where !has(page) { return false }
        return true
    }

    /// Copies the pages of `range`, which the cache should hold by now, out of the blob.
    ///
    /// Runs on the thread of a completion. Bytes that went away again are left out; the read that needs them is redone.
    func copy(_ range: Range<UInt64>) throws(ReadError) {
        let range = range.clamped(to: 0..<UInt64(count))
        guard !range.isEmpty else { return }
        try copying.withLock { (_) throws(ReadError) in
            for page in range.lowerBound / MetadataMirror.pageSize...(range.upperBound - 1) / MetadataMirror.pageSize
            where !has(page) {
                try copy(page: page)
            }
        }
    }

    private func copy(page: UInt64) throws(ReadError) {
        let start = Int(page * MetadataMirror.pageSize)
        let length = min(Int(MetadataMirror.pageSize), count - start)
        let target = UnsafeMutableRawBufferPointer(start: base + start, count: length)
        do throws(ReadError) {
            try DeviceSet([.blob(blob)]).read(device: 0, at: UInt64(start), into: target, on: .worker)
        } catch {
            guard case .missing = error else { throw error }
            return
        }
        (bits + Int(page / 64)).pointee.bitwiseOr(1 << (page % 64), ordering: .releasing)
    }

    private func has(_ page: UInt64) -> Bool {
        (bits + Int(page / 64)).pointee.load(ordering: .acquiring) & (1 << (page % 64)) != 0
    }
}
