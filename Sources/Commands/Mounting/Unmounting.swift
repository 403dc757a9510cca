// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives

/// Takes mounts away.
enum Unmounting {
    /// Unmounts what is mounted on a directory.
    ///
    /// - Parameter lazily: Even while it is in use; it goes when nobody uses it any more.
    static func unmount(_ mountPoint: String, lazily: Bool) throws {
        if umount2(mountPoint, lazily ? Int32(MNT_DETACH) : 0) == 0 { return }
        // Only the superuser may unmount by itself; fusermount3 does it for others, if they mounted it.
        guard errno == EPERM else { throw SystemError("umount", on: mountPoint) }
        try Program.run(["fusermount3", "-u"] + (lazily ? ["-z"] : []) + ["--", mountPoint])
    }
}
