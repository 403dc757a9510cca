// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import FUSE
import Glibc

/// Who asks, as the mount's namespaces know it.
struct Asker: Equatable, Sendable {
    private let userID: UInt32
    private let threadID: UInt32

    @inline(__always) init(_ request: Request) {
        userID = request.userID
        threadID = request.threadID
    }

    /// Whether this is root; false when it cannot be found out.
    ///
    /// The kernel leaves the user out when mounts may be idmapped. Then this reads from /proc, which waits for nothing, but
    /// takes some microseconds. There a user is himself even while an overlay copies up for him with root's powers.
    var isRoot: Bool {
        if userID != Request.unknownUser { return userID == 0 }
        return Asker.fileSystemUser(of: threadID) == 0
    }

    /// The fourth of the ids in the line `Uid:` of proc(5)'s `status`.
    private static func fileSystemUser(of thread: UInt32) -> UInt32? {
        guard thread != 0, let file = fopen("/proc/\(thread)/status", "re") else { return nil }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 256)
        while fgets(&buffer, Int32(buffer.count), file) != nil {
            let line = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            let fields = String(decoding: line, as: UTF8.self).split { $0.isWhitespace }
            if fields.first == "Uid:" { return fields.last.flatMap { UInt32($0) } }
        }
        return nil
    }
}
