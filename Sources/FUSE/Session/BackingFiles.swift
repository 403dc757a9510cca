// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
package import Primitives

/// Where the kernel is given files to read by itself in the place of asking (FUSE passthrough, Linux 6.9).
///
/// May be used from any thread.
package protocol BackingFiles: AnyObject, Sendable {
    /// Why the kernel takes no files from this process; nil when it does. Asks the kernel.
    var backingRefusal: SystemError? { get }
    /// Gives the kernel an open file, whose descriptor may be closed afterwards.
    func openBacking(_ file: Descriptor) throws(SystemError) -> BackingID
    /// Lets the kernel forget a file; those who have it open keep it.
    func closeBacking(_ id: BackingID)
}

/// The number under which the kernel knows a backing file.
package struct BackingID: Hashable, Sendable {
    let rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }
}

extension Session: BackingFiles {
    package var backingRefusal: SystemError? {
        guard negotiated.passesThrough else { return SystemError("FUSE_PASSTHROUGH", code: EOPNOTSUPP) }
        // No file at all: who may give files is told that this is none.
        let answer = clinux_fuse_backing_open(descriptor, -1)
        return answer < 0 && errno != EBADF ? SystemError("FUSE_DEV_IOC_BACKING_OPEN") : nil
    }

    package func openBacking(_ file: Descriptor) throws(SystemError) -> BackingID {
        let id = clinux_fuse_backing_open(descriptor, file.raw)
        guard id > 0 else { throw SystemError("FUSE_DEV_IOC_BACKING_OPEN") }
        return BackingID(rawValue: id)
    }

    package func closeBacking(_ id: BackingID) { _ = clinux_fuse_backing_close(descriptor, id.rawValue) }
}
