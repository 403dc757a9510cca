// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux

extension Descriptor {
    /// Whether the file lies in memory (tmpfs, ramfs): no read of it waits for a disk, and none can ask for that (RWF_NOWAIT).
    package var isInMemory: Bool {
        // TMPFS_MAGIC and RAMFS_MAGIC of linux/magic.h.
        [0x0102_1994, 0x8584_58F6].contains(clinux_file_system_type(raw))
    }
}
