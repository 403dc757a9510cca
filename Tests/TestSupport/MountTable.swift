// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What is mounted in this mount namespace, as /proc/self/mountinfo tells.
package enum MountTable {
    /// One mount.
    package struct Entry: Sendable {
        package let mountpoint: String
        package let type: String
        package let source: String
        /// Options of the mount and of the file system.
        package let options: [String]
        /// The minor number of the mount's device; for FUSE, the name of its folder in /sys/fs/fuse/connections.
        package let device: String
    }

    /// All mounts, in the order they were made.
    package static func entries() throws -> [Entry] {
        try String(decoding: bytes(ofFile: "/proc/self/mountinfo"), as: UTF8.self).split(separator: "\n").compactMap(
            entry)
    }

    /// The topmost mount at a path.
    package static func entry(at mountpoint: String) throws -> Entry? {
        try entries().last { $0.mountpoint == mountpoint }
    }

    /// Waits until something is, or nothing is, mounted at a path.
    package static func wait(until mounted: Bool, at mountpoint: String, within limit: Int = 60) throws {
        let table = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)
        guard table >= 0 else { throw TestFailure("/proc/self/mountinfo: errno \(errno)") }
        defer { close(table) }
        for _ in 0..<limit {
            if try (entry(at: mountpoint) != nil) == mounted { return }
            var event = pollfd(fd: table, events: Int16(POLLPRI), revents: 0)
            poll(&event, 1, 1000)
        }
        throw TestFailure("\(mountpoint): still \(mounted ? "not " : "")mounted after \(limit) s")
    }

    /// Unmounts all at or below a path, also what is busy or whose server hangs.
    package static func detachAll(below path: String) {
        let found = (try? entries()) ?? []
        for entry in found.reversed() where entry.mountpoint == path || entry.mountpoint.hasPrefix(path + "/") {
            if getuid() == 0 {
                umount2(entry.mountpoint, Int32(MNT_DETACH))
            } else {
                _ = try? run(["fusermount3", "-u", "-z", "--", entry.mountpoint])
            }
        }
    }

    private static func entry(_ line: Substring) -> Entry? {
        let fields = line.split(separator: " ").map { unescaped($0) }
        guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3 else { return nil }
        let options = (fields[5] + "," + fields[dash + 3]).split(separator: ",").map(String.init)
        let minor = fields[2].split(separator: ":").last.map(String.init) ?? ""
        return Entry(
            mountpoint: fields[4], type: fields[dash + 1], source: fields[dash + 2], options: options, device: minor)
    }

    /// Undoes the kernel's octal escapes (`\040` for a space).
    private static func unescaped(_ field: Substring) -> String {
        guard field.contains("\\") else { return String(field) }
        var bytes: [UInt8] = []
        var rest = field.utf8[...]
        while let first = rest.popFirst() {
            if first == UInt8(ascii: "\\"), rest.count >= 3,
                let code = UInt8(String(Substring(rest.prefix(3))), radix: 8)
            {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(first)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
