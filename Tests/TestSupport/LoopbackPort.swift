// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// TCP ports on 127.0.0.1.
package enum LoopbackPort {
    /// A port that nothing listens on now.
    ///
    /// It lies below the range from which the kernel takes ports for outgoing connections: there, a client that tries again
    /// and again while the server is stopped may be given the server's own port, and would then be connected to itself.
    package static func unused() throws -> UInt16 {
        for _ in 0..<1000 {
            let port = UInt16.random(in: 15_000..<32_000)
            if let listener = try? listen(on: port) {
                close(listener)
                return port
            }
        }
        throw TestFailure("no unused port between 15000 and 32000")
    }

    /// True when a connection to the port is accepted.
    package static func answers(_ port: UInt16) -> Bool {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | 0o2000000, 0)
        guard client >= 0 else { return false }
        defer { close(client) }
        return withAddress(port) { connect(client, $0, $1) } == 0
    }

    /// A listening socket; the caller closes it.
    static func listen(on port: UInt16) throws -> Int32 {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | 0o2000000, 0)
        guard listener >= 0 else { throw TestFailure("socket: errno \(errno)") }
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard withAddress(port, { bind(listener, $0, $1) }) == 0, Glibc.listen(listener, 512) == 0 else {
            let code = errno
            close(listener)
            throw TestFailure("listen on port \(port): errno \(code)")
        }
        return listener
    }

    private static func withAddress(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}
