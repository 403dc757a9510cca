// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import Glibc

/// The addresses of sockets that are files.
package enum UnixSocketAddress {
    /// Listens at a path, where nothing may be but a socket; only the user may connect.
    ///
    /// - Parameters:
    ///   - type: The socket's type and flags.
    ///   - takingOver: Whether a socket is replaced at which somebody still listens, or only one that was left behind.
    /// - Throws: EADDRINUSE when there is something else.
    package static func listen(
        at path: String, type: Int32, backlog: Int32, takingOver: Bool
    ) throws(SystemError) -> Descriptor {
        let listener = Descriptor(owning: socket(AF_UNIX, type | Int32(SOCK_CLOEXEC.rawValue), 0))
        if isSocket(path) {
            let mayGo = takingOver ? true : try isLeftBehind(path, type: type)
            if mayGo { unlink(path) }
        }
        guard try with(path, { bind(listener.raw, $0, $1) }) == 0, chmod(path, 0o600) == 0,
            Glibc.listen(listener.raw, backlog) == 0
        else { throw SystemError("bind", on: path) }
        return listener
    }

    private static func isSocket(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }

    /// Whether nobody listens at a socket file.
    private static func isLeftBehind(_ path: String, type: Int32) throws(SystemError) -> Bool {
        let probe = Descriptor(owning: socket(AF_UNIX, type | Int32(SOCK_CLOEXEC.rawValue), 0))
        return try with(path) { connect(probe.raw, $0, $1) } != 0 && errno == ECONNREFUSED
    }

    /// Calls `body` with the address of a socket file.
    ///
    /// - Throws: ENAMETOOLONG for a path of more than 107 bytes.
    package static func with<Result>(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) throws(SystemError) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw SystemError("socket", on: path, code: ENAMETOOLONG)
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
