// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
package import EROFS
import Glibc
package import Primitives
import Synchronization

/// A local image file mapped into memory, for reading its metadata in place.
///
/// The mapping survives the file being cut short: what is lost reads as zeroes, and ``wasCut`` tells it, so that no
/// answer is made of them. What is touched for the first time is read from the disk with little around it; see
/// ``MetadataReadAhead``.
package final class MappedImage: FirstTouchListener, @unchecked Sendable {
    // Safe to share: the mapping is read only and never changes after init.
    private let base: UnsafeMutableRawPointer?
    private let mappedLength: Int
    private let guardSlot: Int32
    /// Where the file system starts in the file.
    private let offset: Int
    private let count: Int
    private let faultsBefore: UInt64
    private let file: LocalFile
    /// Nil when the kernel reads ahead as it likes.
    let ahead: MetadataReadAhead?
    private let faultsSeen = Atomic<Int>(MappedMemory.faults)

    /// Maps the whole of `file`, whose size must fit the address space.
    package init(_ file: LocalFile) throws(SystemError) {
        let length = file.offset &+ file.size
        self.file = file
        guard file.size > 0 else {
            (base, mappedLength, guardSlot, offset, count, faultsBefore, ahead) = (nil, 0, -1, 0, 0, 0, nil)
            return
        }
        guard length <= UInt64(Int.max), length >= file.size else {
            throw SystemError("mmap", on: file.path, code: EFBIG)
        }
        let address = mmap(nil, Int(length), PROT_READ, MAP_SHARED, file.descriptor.raw, 0)
        guard let address, address != MAP_FAILED else { throw SystemError("mmap", on: file.path) }
        let slot = clinux_guard_mapping(address, Int(length))
        guard slot >= 0 else {
            munmap(address, Int(length))
            throw SystemError("mmap", on: file.path, code: EMFILE)
        }
        (base, mappedLength, guardSlot) = (address, Int(length), slot)
        (offset, count) = (Int(file.offset), Int(file.size))
        faultsBefore = clinux_guarded_faults()
        ahead = MetadataReadAhead(count: count)
        if ahead != nil { madvise(address, Int(length), MADV_RANDOM) }
    }

    deinit {
        clinux_unguard_mapping(guardSlot)
        if let base { munmap(base, mappedLength) }
    }

    /// Whether an access has met the end of a file that was cut; never false again afterwards.
    package var wasCut: Bool { base != nil && clinux_guarded_faults() != faultsBefore }

    /// Lets go of all pages that were touched; the next access gets them from the page cache, or from the disk.
    ///
    /// Others may read meanwhile.
    package func releasePages() {
        if let base { madvise(base, mappedLength, MADV_DONTNEED) }
    }

    /// Begins anew to read ahead when the kernel has taken pages back since the last call that were touched again: each of
    /// them came from the disk alone, without its neighbours.
    package func noteReclaim() {
        let faults = MappedMemory.faults
        let before = faultsSeen.exchange(faults, ordering: .relaxed)
        if faults - before > MappedImage.fewFaults { ahead?.forget() }
    }

    /// Page faults that waited for the disk and say nothing: the program's own code has some.
    private static let fewFaults = 32

    /// Begins to read from the disk what is touched for the first time.
    package func willRead(offset: UInt64, count: Int) {
        ahead?.touch(offset, count) { range in
            let start = off_t(self.offset) + off_t(range.lowerBound)
            posix_fadvise(file.descriptor.raw, start, off_t(range.count), POSIX_FADV_WILLNEED)
        }
    }

    /// The mapping as the EROFS storey takes it; keeps this object alive.
    package var bytes: ImageBytes {
        guard let base else { return .copying([]) }
        return ImageBytes(
            owner: self, base: UnsafeRawPointer(base + offset), count: UInt64(count), seen: ahead?.seen)
    }
}
