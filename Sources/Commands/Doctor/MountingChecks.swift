// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives

/// What a mount itself needs.
struct MountingChecks {
    let machine: Machine

    var findings: [Finding] { [device, fusermount, others] }

    /// /dev/fuse exists and opens.
    var device: Finding {
        let name = "/dev/fuse"
        let path = machine.root + name
        var status = stat()
        guard stat(path, &status) == 0 else {
            return .lacking(
                name, "does not exist",
                mending: machine.asRoot("modprobe fuse") + " (in a container: start it with --device /dev/fuse)")
        }
        guard status.st_mode & S_IFMT == S_IFCHR else {
            return .lacking(
                name, "is no device",
                mending: machine.asRoot("sh -c 'rm /dev/fuse; mknod -m 666 /dev/fuse c 10 229'"))
        }
        do throws(SystemError) { _ = try Descriptor.open(path, O_RDWR) } catch {
            let mending =
                error.code == EACCES || error.code == EPERM
                ? "chmod 666 /dev/fuse" : "modprobe fuse"
            return .lacking(
                name, "does not open: \(SystemError.text(for: error.code))", mending: machine.asRoot(mending))
        }
        return .good(name, "opens for reading and writing")
    }

    /// fusermount3 is there and has the power to mount.
    var fusermount: Finding {
        let name = "fusermount3"
        if machine.isInUserNamespace { return .good(name, "is not needed in a user namespace") }
        guard let path = machine.program(name) else {
            let mending = machine.asRoot("apt-get install fuse3")
            if machine.isRoot { return .hint(name, "is not installed; only ordinary users need it", mending: mending) }
            return .lacking(name, "is not installed", mending: mending)
        }
        guard machine.isPrivileged(path) || machine.isRoot else {
            return .lacking(
                name, "\(path) does not run as root", mending: "sudo sh -c 'chown root \(path); chmod 4755 \(path)'")
        }
        if !machine.isRoot, machine.text("/proc/self/status")?.contains("NoNewPrivs:\t1") ?? false {
            return .lacking(
                name, "\(path) cannot become root here (no_new_privs)",
                mending: "mount in a user namespace: unshare -Urm")
        }
        return .good(name, path)
    }

    /// Other users may be let in.
    var others: Finding {
        let name = "user_allow_other"
        if machine.isRoot { return .good(name, "root may always use -o allow_other") }
        if MountingChecks.allowsOthers(machine.text("/etc/fuse.conf") ?? "") {
            return .good(name, "is set in /etc/fuse.conf")
        }
        return .hint(
            name, "is not set in /etc/fuse.conf: -o allow_other is refused outside of a user namespace",
            mending: "echo user_allow_other | sudo tee -a /etc/fuse.conf")
    }

    /// Whether a fuse.conf has the line `user_allow_other`.
    static func allowsOthers(_ configuration: String) -> Bool {
        configuration.split(separator: "\n").contains { line in
            line.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" && $0 != "#" } == "user_allow_other"
        }
    }
}
