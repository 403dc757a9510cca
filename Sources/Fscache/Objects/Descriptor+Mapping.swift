// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Primitives

extension Descriptor {
    /// Maps the first `length` bytes of the file, for reading and writing, shared with other processes; the file grows to
    /// that length when it is shorter.
    ///
    /// - Parameter reserving: Whether room for all of it is taken on the disk.
    /// - Returns: Memory that the caller unmaps.
    func mapped(_ length: Int, path: String, reserving: Bool = true) throws(SystemError) -> UnsafeMutableRawPointer {
        // Room for all of it is taken now: a full disk found later, by writing to the mapping, would be a SIGBUS.
        if try size() < UInt64(length), !reserving || clinux_fallocate(raw, 0, 0, Int64(length)) != 0 {
            guard !reserving || errno == EOPNOTSUPP, ftruncate(raw, length) == 0 else {
                throw SystemError("fallocate", on: path)
            }
        }
        let address = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, raw, 0)
        guard let address, address != MAP_FAILED else { throw SystemError("mmap", on: path) }
        return address
    }

    /// A file in memory, of so many bytes, that nobody else can open and that takes room for what is written to it only.
    static func inMemory(_ length: Int) throws(SystemError) -> Descriptor {
        let raw = clinux_memfd_create("swift-erofs-fuse", clinux_mfd_cloexec)
        guard raw >= 0 else { throw SystemError("memfd_create") }
        let file = Descriptor(owning: raw)
        guard ftruncate(raw, length) == 0 else { throw SystemError("ftruncate") }
        return file
    }
}
