// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
package import EROFS
import Glibc
package import Primitives

/// A local image file mapped into memory, for reading its metadata in place.
///
/// The mapping survives the file being cut short: what is lost reads as zeroes, and ``wasCut`` tells it, so that no
/// answer is made of them.
package final class MappedImage: @unchecked Sendable {
    // Safe to share: the mapping is read only and never changes after init.
    private let base: UnsafeMutableRawPointer?
    private let mappedLength: Int
    private let guardSlot: Int32
    /// Where the file system starts in the file.
    private let offset: Int
    private let count: Int
    private let faultsBefore: UInt64

    /// Maps the whole of `file`, whose size must fit the address space.
    package init(_ file: LocalFile) throws(SystemError) {
        let length = file.offset &+ file.size
        guard file.size > 0 else {
            (base, mappedLength, guardSlot, offset, count, faultsBefore) = (nil, 0, -1, 0, 0, 0)
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

    /// The mapping as the EROFS storey takes it; keeps this object alive.
    package var bytes: ImageBytes {
        guard let base else { return .copying([]) }
        return ImageBytes(owner: self, base: UnsafeRawPointer(base + offset), count: UInt64(count))
    }
}
