// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import Glibc

/// A user of this machine, as whom a test runs programs.
package struct Account: Sendable {
    package let uid: uid_t
    package let gid: gid_t

    /// An ordinary user: the caller, or when the caller is root, a user made for these tests.
    package static func unprivileged() throws -> Account {
        guard getuid() == 0 else { return Account(uid: getuid(), gid: getgid()) }
        let name = "sefuse"
        if let account = find(name) { return account }
        let made = try run(["useradd", "--system", "--user-group", "--no-create-home", name])
        guard let account = find(name) else { throw TestFailure("useradd \(name): \(made.errors)") }
        return account
    }

    /// The command that runs `command` as this user.
    ///
    /// The capability bounding set stays as it is: fusermount3 is set-user-id root and needs it.
    func running(_ command: [String]) -> [String] {
        guard uid != getuid() else { return command }
        return ["setpriv", "--reuid=\(uid)", "--regid=\(gid)", "--clear-groups", "--"] + command
    }

    private static func find(_ name: String) -> Account? {
        guard let entry = getpwnam(name) else { return nil }
        return Account(uid: entry.pointee.pw_uid, gid: entry.pointee.pw_gid)
    }
}
