// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import Glibc

/// The whole content of a file.
package func bytes(ofFile path: String) throws -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw TestFailure("open \(path): errno \(errno)") }
    defer { close(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = Glibc.read(file, &part, part.count)
        guard count >= 0 else { throw TestFailure("read \(path): errno \(errno)") }
        if count == 0 { return bytes }
        bytes += part.prefix(count)
    }
}

/// Makes, or replaces, a file.
package func write(_ bytes: some Sequence<UInt8>, to path: String, mode: mode_t = 0o644) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard file >= 0 else { throw TestFailure("open \(path): errno \(errno)") }
    defer { close(file) }
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        guard count > 0 else { throw TestFailure("write \(path): errno \(errno)") }
        rest = rest.dropFirst(count)
    }
}

/// Makes, or replaces, a file of text.
package func write(_ text: String, to path: String, mode: mode_t = 0o644) throws {
    try write(text.utf8, to: path, mode: mode)
}

/// The size in bytes and the room taken on disk in bytes, without following a link.
package func sizes(ofFile path: String) throws -> (size: Int, allocated: Int) {
    var status = stat()
    guard lstat(path, &status) == 0 else { throw TestFailure("lstat \(path): errno \(errno)") }
    return (Int(status.st_size), Int(status.st_blocks) * 512)
}
