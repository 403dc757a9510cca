// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport

/// What Linux itself answers, where the running kernel is the one that the table's answers come from.
///
/// Files are mounted directly: through a block device, Linux turns some of the numbers into EIO.
enum KernelOracle {
    /// The kernels whose answers are in the table.
    private static let release = "6.18."

    /// Whether the kernel is such a one and mounts a file in a temporary directory, which must be on the right file system.
    private static let isAvailable: Bool = {
        let text = (try? bytes(ofFile: "/proc/sys/kernel/osrelease")) ?? []
        guard text.starts(with: release.utf8), let directory = try? TemporaryDirectory(),
            let mountpoint = try? directory.makeDirectory("mnt"),
            (try? Damage.writeIntact(to: directory.path("image"))) != nil
        else { return false }
        defer { MountTable.detachAll(below: mountpoint) }
        return mount(directory.path("image"), mountpoint, "erofs", UInt(MS_RDONLY), "") == 0
    }()

    /// What the kernel answers; nil where it cannot be asked.
    static func answer(to damage: Damage, of image: String, at mountpoint: String) -> String? {
        guard isAvailable, !damage.hangsLinux else { return nil }
        let options = damage.blobs.map { "device=\($0)" }.joined(separator: ",")
        guard mount(image, mountpoint, "erofs", UInt(MS_RDONLY), options) == 0 else {
            return DamageProbe.name(of: errno)
        }
        defer { MountTable.detachAll(below: mountpoint) }
        return damage.probe.answer(below: mountpoint)
    }
}
