// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A directory of its own for one test; with this object it goes away, and with it every mount below it.
package final class TemporaryDirectory: Sendable {
    package let path: String

    /// Makes the directory below TMPDIR, or else /tmp, readable for all and owned by `owner`.
    package init(ownedBy owner: Account? = nil) throws {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        let template = strdup("\(base)/swift-erofs-fuse.XXXXXX")
        defer { free(template) }
        guard let template, let made = mkdtemp(template) else {
            throw TestFailure("mkdtemp in \(base): errno \(errno)")
        }
        path = String(cString: made)
        chmod(path, 0o755)
        if let owner { chown(path, owner.uid, owner.gid) }
    }

    deinit {
        MountTable.detachAll(below: path)
        _ = try? run(["rm", "-rf", "--one-file-system", "--", path])
    }

    /// The path of something inside; makes nothing.
    package func path(_ name: String) -> String { "\(path)/\(name)" }

    /// Makes a directory inside, and gives its path.
    package func makeDirectory(_ name: String, ownedBy owner: Account? = nil) throws -> String {
        let made = self.path(name)
        guard mkdir(made, 0o755) == 0 else { throw TestFailure("mkdir \(made): errno \(errno)") }
        if let owner { chown(made, owner.uid, owner.gid) }
        return made
    }
}
