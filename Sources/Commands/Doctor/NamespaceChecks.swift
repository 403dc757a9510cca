// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// What containers without root need.
struct NamespaceChecks {
    let machine: Machine

    /// Ids that an ordinary image needs.
    private static let usualCount: UInt32 = 65_536

    var findings: [Finding] { [namespaces] + mapping + [subordinate("subuid"), subordinate("subgid"), controlGroups] }

    /// Ordinary users may make user namespaces.
    var namespaces: Finding {
        let name = "user namespaces"
        guard let limit = machine.number("/proc/sys/user/max_user_namespaces") else {
            return .lacking(name, "the kernel has none", mending: "use a kernel with CONFIG_USER_NS")
        }
        let switches = [
            ("user.max_user_namespaces", limit > 0, "15000"),
            (
                "kernel.unprivileged_userns_clone", machine.number("/proc/sys/kernel/unprivileged_userns_clone") != 0,
                "1"
            ),
            (
                "kernel.apparmor_restrict_unprivileged_userns",
                machine.number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") != 1, "0"
            ),
        ]
        guard let off = switches.first(where: { !$0.1 }) else { return .good(name, "are allowed") }
        return .lacking(name, "\(off.0) forbids them", mending: machine.asRoot("sysctl -w \(off.0)=\(off.2)"))
    }

    /// The programs that give a namespace more than one id.
    var mapping: [Finding] {
        ["newuidmap", "newgidmap"].map { name in
            guard let path = machine.program(name) else {
                return .lacking(name, "is not installed", mending: machine.asRoot("apt-get install uidmap"))
            }
            guard machine.isPrivileged(path) || machine.isInUserNamespace else {
                return .lacking(
                    name, "\(path) does not run as root", mending: machine.asRoot("chmod u+s \(path)"))
            }
            return .good(name, path)
        }
    }

    /// The user has ids to give away.
    func subordinate(_ file: String) -> Finding {
        let path = "/etc/\(file)"
        if machine.isRoot { return .good(path, "root needs no range") }
        let kind = file == "subuid" ? "uids" : "gids"
        let mending = machine.asRoot("usermod --add-\(file)s 100000-165535 \(machine.userName)")
        guard
            let range = SubordinateRange.largest(
                of: machine.userName, UInt32(machine.user), in: machine.text(path) ?? "")
        else { return .lacking(path, "has no \(kind) for \(machine.userName)", mending: mending) }
        guard range.count >= NamespaceChecks.usualCount else {
            return .hint(
                path, "has \(range.count) \(kind) for \(machine.userName); images use up to 65536", mending: mending)
        }
        return .good(path, "\(range.count) \(kind) from \(range.first) on")
    }

    /// Containers can be given limits.
    var controlGroups: Finding {
        let name = "cgroups"
        guard machine.text("/sys/fs/cgroup/cgroup.controllers") != nil else {
            return .hint(
                name, "are not version 2 alone: crun refuses them, runc does not",
                mending: "boot with systemd.unified_cgroup_hierarchy=1, or use runc, or podman --cgroups=disabled")
        }
        if machine.isRoot { return .good(name, "version 2") }
        let own = machine.text("/proc/self/cgroup")?.split(separator: "\n").first { $0.hasPrefix("0::") }
        let path = "/sys/fs/cgroup" + (own?.dropFirst(3) ?? "") + "/cgroup.controllers"
        let given = machine.text(path)?.split(whereSeparator: \.isWhitespace) ?? []
        guard given.contains("memory"), given.contains("pids") else {
            return .hint(
                name, "memory and pids are not delegated to \(machine.userName): containers cannot be limited",
                mending: machine.asRoot(
                    #"sh -c 'd=/etc/systemd/system/user@.service.d; mkdir -p $d; "#
                        + #"printf "[Service]\nDelegate=yes\n" > $d/delegate.conf; systemctl daemon-reload'"#))
        }
        return .good(name, "version 2, delegated: \(given.joined(separator: " "))")
    }
}
