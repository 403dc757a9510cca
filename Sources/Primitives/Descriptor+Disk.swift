// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

extension Descriptor {
    /// Bytes that the kernel reads ahead on the disk that a file lies on, or that it is; nil when that is not to be found out,
    /// as where a file system spans several disks.
    package var diskReadAhead: Int? {
        var status = stat()
        guard fstat(raw, &status) == 0 else { return nil }
        let device = UInt64(status.st_mode & S_IFMT == S_IFBLK ? status.st_rdev : status.st_dev)
        let disk = "/sys/dev/block/\(clinux_device_major(device)):\(clinux_device_minor(device))"
        // A partition has the queue of its disk, in whose directory its own is.
        let setting = ["\(disk)/queue/read_ahead_kb", "\(disk)/../queue/read_ahead_kb"].lazy
            .compactMap { KernelSetting($0).number }.first
        return setting.map { $0 << 10 }
    }
}
