// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

extension Descriptor {
    /// The directory that this file lies in, as it is now: what is mounted over it later does not count.
    package func directory() throws(SystemError) -> Descriptor {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        guard readlink("/proc/self/fd/\(raw)", &path, Int(PATH_MAX)) > 0 else { throw SystemError("readlink") }
        guard let slash = path.lastIndex(of: CChar(bitPattern: UInt8(ascii: "/"))) else {
            throw SystemError("open", code: ENOENT)
        }
        path[max(1, slash)] = 0
        let directory = path.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "/" }
        return try Descriptor.open(directory, clinux_o_path | O_DIRECTORY)
    }

    /// A new file without a name in this directory, which goes with its last user.
    package func unnamedFile() throws(SystemError) -> Descriptor {
        let file = clinux_openat(raw, ".", clinux_o_tmpfile | O_RDWR | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw SystemError("open") }
        return Descriptor(owning: file)
    }

    /// Lets this file have the blocks of a part of another one of the same file system (`FICLONERANGE`).
    ///
    /// - Parameters:
    ///   - range: Of `other`; whole blocks of the file system, or up to its end.
    ///   - offset: Where the part begins here; on a block.
    package func share(_ range: Range<UInt64>, of other: Descriptor, at offset: UInt64) throws(SystemError) {
        guard let start = Int64(exactly: range.lowerBound), let place = Int64(exactly: offset),
            let count = Int64(exactly: range.upperBound - range.lowerBound)
        else { throw SystemError("FICLONERANGE", code: EFBIG) }
        while clinux_clone_range(raw, place, other.raw, start, count) < 0 {
            guard errno == EINTR else { throw SystemError("FICLONERANGE") }
        }
    }
}
