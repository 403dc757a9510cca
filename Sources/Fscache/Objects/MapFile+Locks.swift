// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Primitives

// Locks of the open map file. They end with the process at the latest; where the file system knows none, it is as if
// nobody else was there.
extension MapFile {
    /// What a process does with an object as a whole; the raw value is the byte of the map file that is locked.
    enum Hold: Int64 {
        /// Has it open: it must not be removed.
        case use = 0x80_0000_0000
        /// Forces it to disk.
        case flush
        /// Wants what is used to stay, see ``MapFile/pinnedSince``.
        case pin
    }

    /// Takes a hold that others may have at the same time.
    ///
    /// - Returns: False when another open file has it for itself.
    func share(_ hold: Hold) -> Bool { lock(Int32(F_RDLCK), hold.rawValue, 1) }

    /// Takes a hold for this open file alone.
    ///
    /// - Returns: False when another open file has it.
    func take(_ hold: Hold) -> Bool { lock(Int32(F_WRLCK), hold.rawValue, 1) }

    /// Gives a hold up.
    func drop(_ hold: Hold) { _ = lock(Int32(F_UNLCK), hold.rawValue, 1) }

    /// Takes a lock on granules that other processes see.
    ///
    /// - Returns: False when another process holds part of the range.
    package func tryLock(_ granules: Range<Int>) -> Bool { lock(Int32(F_WRLCK), granules) }

    /// Gives the lock up.
    package func unlock(_ granules: Range<Int>) { _ = lock(Int32(F_UNLCK), granules) }

    private func lock(_ type: Int32, _ granules: Range<Int>) -> Bool {
        lock(type, Int64(1 << 40 + granules.lowerBound), Int64(granules.count))
    }

    private func lock(_ type: Int32, _ start: Int64, _ length: Int64) -> Bool {
        clinux_ofd_lock(descriptor.raw, type, start, length) == 0 || (errno != EAGAIN && errno != EACCES)
    }
}
