// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives

/// Where an object that is wrong is put aside: `quarantine/I<volume>/D<object>` in the cache directory.
///
/// For people to look at. It counts against the limits of the cache, and is the first to go when room is needed.
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

    /// The files that were put aside in a cache directory, the oldest first.
    static func files(in directory: String) -> [String] {
        let root = directory + "/quarantine"
        let paths = CacheSurvey.names(in: root).flatMap { volume in
            CacheSurvey.names(in: "\(root)/\(volume)").map { "\(root)/\(volume)/\($0)" }
        }
        let aged = paths.map { path -> (path: String, time: Int) in
            var status = stat()
            return (path, lstat(path, &status) == 0 ? status.st_mtim.tv_sec : 0)
        }
        return aged.sorted { $0.time < $1.time }.map(\.path)
    }

    /// Moves an object there that nobody uses.
    func move(from object: String) -> String? { rename(object, path) == 0 ? path : nil }

    private func copyBytes(of file: Descriptor, _ size: Int, to target: Descriptor) -> Bool {
        var offset = 0
        let isCopied = try? file.forEachPiece(upTo: UInt64(size), path: path) { piece in
            guard pwrite(target.raw, piece.baseAddress, piece.count, offset) == piece.count else { return false }
            offset += piece.count
            return true
        }
        return isCopied == true
    }
}
