// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Primitives

/// What the file system of a cache directory can do, found out by trying it with a small file.
public struct FileSystemTraits: Equatable, Sendable {
    /// Whether it says exactly where the holes of a file are; else holes are no cross-check of the map.
    ///
    /// False also where written zeroes become holes, as with some compressing file systems.
    public var tellsHoles = false
    /// Whether files have user attributes; else the map file keeps the object's.
    public var keepsAttributes = false
    /// Whether blocks inside a file can be given back; else bytes that are discarded only become unreadable.
    public var punchesHoles = false

    /// Tries the file system of `directory`; what cannot be tried is taken for missing.
    package init(of directory: String) {
        let path = "\(directory)/.probe-\(getpid())-\(clinux_gettid())"
        guard let file = try? Descriptor.open(path, O_RDWR | O_CREAT) else { return }
        defer { unlink(path) }
        let attribute = CoherencyAttribute(size: 0).value
        keepsAttributes = clinux_fsetxattr(file.raw, CoherencyAttribute.name, attribute, attribute.count, 0) == 0
        tellsHoles = FileSystemTraits.tellsHoles(file)
        let mode = Int32(clinux_falloc_punch_hole | clinux_falloc_keep_size)
        punchesHoles = clinux_fallocate(file.raw, mode, 65_536, 4096) == 0
    }

    private static func tellsHoles(_ file: Descriptor) -> Bool {
        guard ftruncate(file.raw, 1 << 20) == 0, HoleCheck.data(of: file, from: 0) == nil else { return false }
        for (value, offset) in [(1, 65_536), (0, 131_072)] as [(UInt8, Int)] {
            guard pwrite(file.raw, [UInt8](repeating: value, count: 4096), 4096, offset) == 4096 else { return false }
        }
        // Some file systems find zeroes only on the way to the disk.
        guard fdatasync(file.raw) == 0, let first = HoleCheck.data(of: file, from: 0),
            let second = HoleCheck.data(of: file, from: first.upperBound)
        else { return false }
        return first == 65_536..<69_632 && second == 131_072..<135_168
            && HoleCheck.data(of: file, from: second.upperBound) == nil
    }
}
