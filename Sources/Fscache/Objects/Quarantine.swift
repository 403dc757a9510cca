// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives

/// Where an object that is wrong is put aside: `quarantine/I<volume>/D<object>` in the cache directory.
struct Quarantine {
    private let path: String

    /// The place for the object at `object`, which is made; nil when it cannot be.
    init?(of object: String) {
        let parts = object.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count > 4 else { return nil }
        let directory = parts.dropLast(4).joined(separator: "/") + "/quarantine/" + parts[parts.count - 3]
        guard (try? makeDirectory(directory)) != nil else { return nil }
        path = directory + "/" + parts[parts.count - 1]
    }

    /// Copies an object there.
    ///
    /// - Returns: The path of the copy; nil when there is no room for it.
    func copy(_ file: Descriptor, bytes size: Int) -> String? {
        guard let target = try? Descriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC) else { return nil }
        guard copyBytes(of: file, size, to: target) else {
            unlink(path)
            return nil
        }
        return path
    }

    /// Moves an object there that nobody uses.
    func move(from object: String) -> String? { rename(object, path) == 0 ? path : nil }

    private func copyBytes(of file: Descriptor, _ size: Int, to target: Descriptor) -> Bool {
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        var offset = 0
        while offset < size {
            let count = pread(file.raw, &piece, min(piece.count, size - offset), offset)
            guard count > 0, pwrite(target.raw, piece, count, offset) == count else { return false }
            offset += count
        }
        return true
    }
}
