// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A system call that meets a damage.
enum DamageProbe: Sendable {
    case mount
    case stat(String)
    case read(String)
    case list(String)
    case readLink(String)
    case attribute(String, name: String)
    case attributes(String)

    /// From a verb, a path in the image and, for `getxattr`, a name; any other verb is `mount`.
    init(_ text: String) {
        let words = text.split(separator: " ").map(String.init)
        let path = words.count > 1 ? words[1] : "/"
        self =
            switch words.first {
            case "stat": .stat(path)
            case "read": .read(path)
            case "list": .list(path)
            case "readlink": .readLink(path)
            case "getxattr": .attribute(path, name: words.last ?? "")
            case "listxattr": .attributes(path)
            default: .mount
            }
    }

    /// Does the call below a mountpoint.
    ///
    /// - Returns: the name of the errno, or `ok`.
    func answer(below mountpoint: String) -> String {
        Self.name(of: code(below: mountpoint))
    }

    /// The name of an errno, as far as the table uses it.
    static func name(of code: Int32) -> String {
        let names: [Int32: String] = [
            0: "ok", EIO: "EIO", EINVAL: "EINVAL", EUCLEAN: "EUCLEAN", EBADMSG: "EBADMSG", EOPNOTSUPP: "EOPNOTSUPP",
            ENODEV: "ENODEV", ELOOP: "ELOOP", ENODATA: "ENODATA", ENOENT: "ENOENT",
        ]
        return names[code] ?? "errno \(code)"
    }

    private func code(below mountpoint: String) -> Int32 {
        var buffer = [CChar](repeating: 0, count: 65536)
        switch self {
        case .mount: return 0
        case .stat(let path):
            var status = Glibc.stat()
            return result(lstat(mountpoint + path, &status))
        case .readLink(let path): return result(readlink(mountpoint + path, &buffer, buffer.count))
        case .attribute(let path, let name):
            return result(clinux_lgetxattr(mountpoint + path, name, &buffer, buffer.count))
        case .attributes(let path): return result(clinux_llistxattr(mountpoint + path, &buffer, buffer.count))
        case .read(let path): return readAll(mountpoint + path)
        case .list(let path): return listAll(mountpoint + path)
        }
    }

    private func result(_ value: some BinaryInteger) -> Int32 { value < 0 ? errno : 0 }

    private func readAll(_ path: String) -> Int32 {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return errno }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count <= 0 { return result(count) }
        }
    }

    private func listAll(_ path: String) -> Int32 {
        guard let directory = opendir(path) else { return errno }
        defer { closedir(directory) }
        errno = 0
        while readdir(directory) != nil {}
        return errno
    }
}
