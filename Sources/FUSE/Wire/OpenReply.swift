// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// How an open file is served.
package enum OpenedFile: Equatable, Sendable {
    /// By READ requests, whose bytes the kernel keeps. `handle` comes back with RELEASE.
    case asked(handle: UInt64)
    /// By the kernel, from a file that it was given.
    case passed(BackingID, handle: UInt64)
}

extension ReplyBuffer {
    /// `FOPEN_KEEP_CACHE`: the content never changes.
    private static let keepCache: UInt32 = 1 << 1
    /// `FOPEN_NOFLUSH`: nothing is ever written.
    private static let noFlush: UInt32 = 1 << 5
    /// `FOPEN_PASSTHROUGH`; the kernel has no cache of its own then, and refuses to be told to keep it.
    private static let passthrough: UInt32 = 1 << 7

    /// `struct fuse_open_out`.
    package func append(_ file: OpenedFile) {
        switch file {
        case .asked(let handle):
            append(handle)
            append(ReplyBuffer.keepCache | ReplyBuffer.noFlush)
            append(Int32(0))
        case .passed(let backing, let handle):
            append(handle)
            append(ReplyBuffer.noFlush | ReplyBuffer.passthrough)
            append(backing.rawValue)
        }
    }
}

extension Request {
    /// `fh` of `struct fuse_release_in`: the handle of the file that is closed.
    package var releasedHandle: UInt64 { u64(0) }
}
