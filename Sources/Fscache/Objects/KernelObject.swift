// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
package import Primitives

/// An object that the kernel's cachefiles left in a cache directory.
package struct KernelObject: Sendable {
    /// The key of the volume, and of the cookie.
    package let volume: String
    package let key: String
    /// Bytes of the blob.
    package let size: UInt64
    /// The object.
    package let file: Descriptor
    /// The path of the object.
    package let path: String

    /// Why an object is left alone.
    package enum Refusal: Error, Equatable, Sendable {
        /// Its attribute is missing, damaged, or says that it was being written.
        case attribute
        /// Its name does not tell its key.
        case name
        /// It is shorter than its attribute says.
        case length
        /// It cannot be opened.
        case system(code: Int32)
    }

    /// The directory that holds the volumes, if the kernel has used `directory`.
    package static func volumes(in directory: String) -> [String] {
        CacheSurvey.volumes(in: directory)
    }

    /// The paths of the objects of a volume.
    package static func paths(in directory: String, volume: String) -> [String] {
        CacheSurvey.objects(of: volume, in: directory).sorted()
    }

    /// Opens an object, whose attribute must be as the kernel writes it.
    package init(path: String, volume: String) throws(Refusal) {
        self.path = path
        self.volume = volume
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        guard let key = CookieName.key(of: name).flatMap({ String(validating: $0, as: UTF8.self) }) else { throw .name }
        self.key = key
        do { file = try Descriptor.open(path, O_RDONLY | O_NOFOLLOW) } catch { throw .system(code: error.code) }
        var value = [UInt8](repeating: 0, count: 64)
        let count = clinux_fgetxattr(file.raw, CoherencyAttribute.name, &value, value.count)
        // 4: bytes may have been on their way when the machine stopped.
        guard count > 0, let attribute = CoherencyAttribute(Array(value[..<count])), attribute.content != 4 else {
            throw .attribute
        }
        size = attribute.size
        guard let length = try? file.size(), length >= size, size <= UInt64(Int64.max) - MapFile.granule else {
            throw .length
        }
    }

    /// The runs that have bytes, in whole granules or up to the end; what a hole cuts counts as missing.
    package var runs: [Range<UInt64>] {
        var runs: [Range<UInt64>] = []
        var offset = 0
        while let data = HoleCheck.data(of: file, from: offset) {
            let granule = Int(MapFile.granule)
            let start = UInt64((data.lowerBound + granule - 1) / granule * granule)
            let end = UInt64(data.upperBound) >= size ? size : UInt64(data.upperBound / granule * granule)
            if start < end { runs.append(start..<end) }
            offset = data.upperBound
        }
        return runs
    }
}
