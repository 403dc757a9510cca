// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives

/// The mounts of this program that this process can see.
struct OwnMounts {
    /// How a mount answers.
    enum Health: Equatable, Sendable {
        case answering
        /// Its server has gone: "transport endpoint is not connected".
        case stale
        /// Its server says nothing.
        case silent
        /// Only another user may look.
        case hidden
    }

    /// One of them.
    private struct Mount {
        let place: String
        let owner: uid_t?
    }

    private let mounts: [Mount]

    /// Their mount points, in the order of mounting.
    var places: [String] { mounts.map(\.place) }

    /// Takes them from the text of a /proc/PID/mountinfo.
    init(_ table: String) {
        mounts = table.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash > 5, dash + 1 < fields.count,
                fields[dash + 1] == "fuse.swift-erofs-fuse"
            else { return nil }
            let user = fields.last?.split(separator: ",").first { $0.hasPrefix("user_id=") }
            return Mount(
                place: OwnMounts.unescaped(fields[4]), owner: user.flatMap { uid_t($0.dropFirst("user_id=".count)) })
        }
    }

    /// The user who mounted what is seen at a place; nil when that is none of these mounts.
    func owner(of place: String) -> uid_t? { mounts.last { $0.place == place }?.owner }

    /// Asks a mount for its root's attributes; a server that has stopped gets ten seconds.
    static func health(of place: String) -> Health {
        let answer = Answer<Int32>()
        // A thread of its own: it stays in the kernel for as long as the server is silent.
        let thread = try? NamedThread("probe") {
            var status = statvfs()
            answer.give(statvfs(place, &status) == 0 ? 0 : errno)
        }
        guard thread != nil else { return .silent }
        switch answer.wait(until: MonotonicTime.now.advanced(milliseconds: 10_000)) {
        case nil: return .silent
        case ENOTCONN, ECONNABORTED: return .stale
        case EACCES: return .hidden
        default: return .answering
        }
    }

    /// Undoes the kernel's octal escapes (`\\040` for a space).
    private static func unescaped(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = field.utf8[...]
        while let first = rest.popFirst() {
            if first == UInt8(ascii: "\\"), let code = UInt8(String(rest.prefix(3)) ?? "", radix: 8) {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(first)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
