// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// What the kernel brings.
struct KernelChecks {
    let machine: Machine

    var findings: [Finding] { [version, rings, overlay] }

    /// FUSE in user namespaces came with 4.18, what makes it quick with later ones.
    var version: Finding {
        let name = "kernel"
        let features: [(KernelVersion, String)] = [
            (KernelVersion(4, 18), "FUSE in user namespaces"), (KernelVersion(5, 11), "overlay in user namespaces"),
            (KernelVersion(6, 9), "passthrough"), (KernelVersion(6, 12), "idmapped mounts"),
            (KernelVersion(6, 14), "io_uring"),
        ]
        guard let version = KernelVersion(release: machine.kernelRelease) else {
            return .hint(name, "its release '\(machine.kernelRelease)' is not known", mending: "see uname -r")
        }
        guard let newest = features.last(where: { $0.0 <= version }) else {
            return .lacking(name, "\(version) has no \(features[0].1)", mending: "use 4.18 or later")
        }
        let has = features.prefix { $0.0 <= version }.map(\.1).joined(separator: ", ")
        if newest.0 < KernelVersion(5, 11) {
            return .hint(
                name, "\(version): \(has)", mending: "use 5.11 or later, or fuse-overlayfs for what is written")
        }
        return .good(name, "\(version): \(has)")
    }

    /// Requests through io_uring cost a fraction of those through the device, but only the administrator can let FUSE have them.
    var rings: Finding {
        let name = "io_uring"
        let setting = "/sys/module/fuse/parameters/enable_uring"
        guard let value = machine.text(setting)?.first else {
            return .good(name, "not for FUSE with this kernel; requests come through the device")
        }
        guard value == "Y" else {
            return .hint(
                name, "not allowed for FUSE; small requests through the device take twice as long and more",
                mending: machine.asRoot("sh -c 'echo 1 > \(setting)'")
                    + "; for good: fuse.enable_uring=1 for the kernel")
        }
        if let disabled = machine.number("/proc/sys/kernel/io_uring_disabled"), disabled > (machine.isRoot ? 1 : 0) {
            return .hint(
                name, "allowed for FUSE, but kernel.io_uring_disabled is \(disabled)",
                mending: machine.asRoot("sysctl kernel.io_uring_disabled=0"))
        }
        return .good(name, "carries the requests of new mounts")
    }

    /// Containers write to an overlay on top of the mount.
    var overlay: Finding {
        let name = "overlay"
        let known = machine.text("/proc/filesystems")?.split(whereSeparator: \.isWhitespace) ?? []
        let hasFuseOverlay = machine.program("fuse-overlayfs") != nil
        guard known.contains("overlay") else {
            if hasFuseOverlay { return .hint(name, "only fuse-overlayfs", mending: machine.asRoot("modprobe overlay")) }
            return .lacking(
                name, "the kernel has not loaded it, and fuse-overlayfs is not installed",
                mending: machine.asRoot("modprobe overlay"))
        }
        let isOld = KernelVersion(release: machine.kernelRelease).map { $0 < KernelVersion(5, 11) } ?? false
        guard !isOld || machine.isRoot || hasFuseOverlay else {
            return .lacking(
                name, "needs root with this kernel", mending: machine.asRoot("apt-get install fuse-overlayfs"))
        }
        return .good(name, isOld ? "by fuse-overlayfs" : "works on FUSE, in a user namespace with userxattr")
    }
}
