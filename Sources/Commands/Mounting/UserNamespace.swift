// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Which users and groups this process can tell apart.
struct UserNamespace {
    /// Whether the process is the namespace's root.
    var isRoot: Bool
    /// The maps of the namespace, as `/proc/self/uid_map` and `gid_map` show them: lines of inner id, outer id and count.
    var maps: [String]

    /// That of this process.
    static var current: UserNamespace {
        UserNamespace(
            isRoot: geteuid() == 0,
            maps: ["uid_map", "gid_map"].map { (try? TextFile.read("/proc/self/\($0)")) ?? "" })
    }

    /// Ids that the users of an ordinary image need.
    private static let ordinaryRange: UInt64 = 65_536

    /// Whether this is root with as many ids as the owners in an image are likely to need.
    ///
    /// Root of a namespace has no power over files whose owners the namespace does not know.
    var isRootOfRange: Bool {
        isRoot && maps.allSatisfy { UserNamespace.count(in: $0) >= UserNamespace.ordinaryRange }
    }

    private static func count(in map: String) -> UInt64 {
        map.split(separator: "\n").reduce(0) { sum, line in
            let fields = line.split(separator: " ")
            guard fields.count == 3, let count = UInt64(fields[2]) else { return sum }
            return sum.addingReportingOverflow(count).partialValue
        }
    }
}
