// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Primitives

/// How far the kernel reads ahead of a sequential reader on one mount (`read_ahead_kb` of its backing device).
///
/// INIT allows 128 KiB at most, so that one or two requests are on their way; more of them keep more processors busy. Only
/// who may write to sysfs, normally root, can have more.
package struct KernelReadAhead: Sendable {
    /// What is wanted of it.
    package enum Wish: Equatable, Sendable {
        /// The kernel's own choice.
        case none
        /// As far as brings something, for what lies on a local disk.
        case generous
        case bytes(Int)

        /// Bytes; nil leaves the setting alone.
        ///
        /// - Parameter splices: Whether replies go through a pipe, into which they have to fit.
        package func bytes(splices: Bool) -> Int? {
            switch self {
            case .none: nil
            case .generous: splices ? 512 << 10 : 1 << 20
            case .bytes(let bytes): bytes
            }
        }
    }

    private let setting: KernelSetting

    /// The setting of what is mounted on `mountPoint`; nil when that is not to be found out.
    ///
    /// Asks the kernel only for what it knows by itself, but not on the serving thread all the same.
    package init?(mountPoint: String) {
        var major: UInt32 = 0
        var minor: UInt32 = 0
        guard clinux_mounted_device(mountPoint, &major, &minor) == 0 else { return nil }
        setting = KernelSetting("/sys/class/bdi/\(major):\(minor)/read_ahead_kb")
    }

    /// Bytes read ahead at present; nil when sysfs does not tell.
    package var bytes: Int? { setting.number.map { $0 << 10 } }

    /// Asks for `bytes`, whole KiB.
    ///
    /// - Returns: False when this process may not, or the kernel does not want to.
    @discardableResult
    package func set(_ bytes: Int) -> Bool { setting.set(bytes >> 10) }
}
