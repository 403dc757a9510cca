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

    private static let isAvailable: Bool = {
        let text = (try? bytes(ofFile: "/proc/sys/kernel/osrelease")) ?? []
        return text.starts(with: release.utf8) && Requirement.fileSystem("erofs").lack == nil
    }()

    /// What the kernel answers; nil where it cannot be asked.
    static func answer(to damage: Damage, of image: String, at mountpoint: String) -> String? {
        guard isAvailable, !damage.hangsLinux else { return nil }
        let options = damage.blobs.map { "device=\($0)" }.joined(separator: ",")
        guard mount(image, mountpoint, "erofs", UInt(MS_RDONLY), options) == 0 else {
            // Without CONFIG_EROFS_FS_BACKED_BY_FILE, or where mounting is forbidden, nothing is learnt.
            return [ENOTBLK, EPERM, EACCES].contains(errno) ? nil : DamageProbe.name(of: errno)
        }
        defer { MountTable.detachAll(below: mountpoint) }
        return damage.probe.answer(below: mountpoint)
    }
}
