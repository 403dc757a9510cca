// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Digests
import Glibc
import Primitives

/// The lists of digests of an image's blobs: one file, or a directory with `NAME.digests` for each blob.
///
/// Whoever asks for checks gets them for every blob: one without a list is an error.
struct DigestFiles {
    let path: String
    /// The root digests that a list may have, in hexadecimal; any when empty.
    let roots: [String]

    /// The list for a blob, whose name comes from an image and is not to be trusted.
    func list(for blob: String) throws -> DigestList {
        var status = stat()
        let isDirectory = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        guard !isDirectory || (!blob.utf8.contains(UInt8(ascii: "/")) && !blob.isEmpty) else {
            throw DigestFileError.unusable(path, reason: "blob '\(blob)' has a name that no file can have")
        }
        let file = isDirectory ? "\(path)/\(blob).digests" : path
        let list: DigestList
        do throws(DigestListError) {
            list = try DigestList(try bytes(of: file))
        } catch {
            throw DigestFileError.unusable(file, reason: "\(error)")
        }
        guard list.blobName == blob else {
            throw DigestFileError.unusable(file, reason: "it is the list of blob '\(list.blobName)', not of '\(blob)'")
        }
        guard roots.isEmpty || roots.contains(list.root.hex) else {
            throw DigestFileError.unusable(file, reason: "its root digest is \(list.root.hex), which was not given")
        }
        return list
    }

    private func bytes(of file: String) throws(DigestListError) -> [UInt8] {
        do throws(SystemError) {
            let descriptor = try Descriptor.open(file, O_RDONLY)
            let size = try descriptor.size()
            guard size <= 1 << 30 else { throw SystemError("read", on: file, code: EFBIG) }
            var bytes = [UInt8](repeating: 0, count: Int(size))
            let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor.raw, $0.baseAddress, $0.count) }
            return Array(bytes.prefix(max(0, count)))
        } catch {
            throw .malformed(reason: "\(error.call): \(SystemError.text(for: error.code))")
        }
    }
}

/// Why a list of digests cannot be used.
enum DigestFileError: Error, Equatable, CustomStringConvertible {
    /// There is something wrong with the list.
    case unusable(String, reason: String)

    var description: String {
        switch self {
        case .unusable(let path, let reason): "\(path): \(reason)"
        }
    }
}
