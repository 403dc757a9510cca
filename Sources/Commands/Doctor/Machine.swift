// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// The machine and the user that `doctor` looks at.
struct Machine: Sendable {
    /// The directory that stands for `/`; another one in tests.
    var root = ""
    /// The user who would mount.
    var user = getuid()
    /// The user's name; the number when it has none.
    var userName = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "\(getuid())"
    /// Where programs are looked for.
    var searchPath = (Environment.value("PATH") ?? "") + ":/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
    /// The kernel's release, as `uname -r` prints it.
    var kernelRelease = Machine.runningKernel()

    /// Whether the user may do everything here, or is root of a user namespace.
    var isRoot: Bool { user == 0 }

    /// Whether this process runs in a user namespace of its own, where set-user-id programs of the outside have no power.
    var isInUserNamespace: Bool {
        let map = text("/proc/self/uid_map")?.split(whereSeparator: { $0 == " " || $0 == "\n" }) ?? []
        return !map.isEmpty && map != ["0", "0", "4294967295"]
    }

    /// The content of a small file; nil when it cannot be read.
    func text(_ path: String) -> String? { try? TextFile.read(root + path) }

    /// The number in a file of /proc/sys; nil when the kernel has no such file.
    func number(_ path: String) -> Int? {
        text(path).flatMap { Int($0.prefix { $0.isNumber }) }
    }

    /// The path of a program; nil when there is none.
    func program(_ name: String) -> String? {
        searchPath.split(separator: ":").map { "\($0)/\(name)" }.first { access(root + $0, X_OK) == 0 }
    }

    /// Whether a program gets root's power, or a part of it, when the user starts it.
    func isPrivileged(_ program: String) -> Bool {
        var status = stat()
        guard stat(root + program, &status) == 0 else { return false }
        let isSetUserID = status.st_mode & S_ISUID != 0 && status.st_uid == 0
        return isSetUserID || clinux_getxattr(root + program, "security.capability", nil, 0) > 0
    }

    /// The command, as it is to be typed: with sudo for those who need it.
    func asRoot(_ command: String) -> String { isRoot ? command : "sudo " + command }

    private static func runningKernel() -> String {
        var names = utsname()
        guard uname(&names) == 0 else { return "" }
        return withUnsafeBytes(of: names.release) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
