// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The mount(8) options that a FUSE mount understands, checked before libfuse sees them.
package struct MountOptions: Equatable, Sendable {
    private var flags: [String] = []
    /// The name in the first column of /proc/mounts.
    package var source = "swift-erofs-fuse"
    /// The part of the file system's type behind `fuse.`.
    package var subtype = "swift-erofs-fuse"
    /// Whether the kernel refuses all changes by itself; else they are asked of us.
    package var isReadOnly = true

    package init() {}

    private static let known: Set<String> = [
        "allow_other", "allow_root", "default_permissions", "auto_unmount", "nodev", "nosuid", "noexec", "dev", "suid",
        "exec", "noatime", "nodiratime", "relatime", "norelatime", "strictatime", "lazytime", "atime", "sync", "async",
        "dirsync",
    ]
    /// Accepted, because fstab lines and mount(8) give them, and without effect on a tree that is always read only.
    private static let harmless: Set<String> = [
        "ro", "rw", "defaults", "user", "users", "nouser", "auto", "noauto", "nofail", "_netdev",
    ]

    /// Takes one option.
    ///
    /// - Returns: False when a FUSE mount does not know it.
    package mutating func take(_ option: String) -> Bool {
        if let value = option.value(of: "fsname") {
            source = value
        } else if let value = option.value(of: "subtype") {
            subtype = value
        } else if MountOptions.known.contains(option) {
            flags.append(option)
        } else {
            return MountOptions.harmless.contains(option) || option.hasPrefix("x-") || option.hasPrefix("comment=")
        }
        return true
    }

    /// Whether others than the mounting user may see the tree.
    package var allowsOthers: Bool { flags.contains("allow_other") || flags.contains("allow_root") }

    /// Whether the kernel checks permissions by owner and mode.
    var checksPermissions: Bool { allowsOthers || flags.contains("default_permissions") }

    /// Whether others are let in only with permission checks, by the options as they were given.
    var isSafeAsGiven: Bool { !allowsOthers || flags.contains("default_permissions") }

    /// The options as libfuse takes them.
    ///
    /// Access for others always comes with the kernel's permission checks.
    var libraryOptions: [String] {
        var result = [
            isReadOnly ? "ro" : "rw", "fsname=" + MountOptions.escaped(source),
            "subtype=" + MountOptions.escaped(subtype),
        ]
        result += flags
        if !isSafeAsGiven { result.append("default_permissions") }
        return result
    }

    private static func escaped(_ value: String) -> String {
        value.reduce(into: "") { result, character in
            if character == "," || character == "\\" { result.append("\\") }
            result.append(character)
        }
    }
}

extension String {
    fileprivate func value(of key: String) -> String? {
        hasPrefix(key + "=") ? String(dropFirst(key.utf8.count + 1)) : nil
    }
}
