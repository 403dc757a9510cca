// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CFuse3
// For `iovec`, which is no part of the C library's module.
import CUring
import Glibc

/// The way of what libfuse itself sends, which are the answers to INIT and DESTROY: through here to the device.
///
/// So INIT can be answered with flags that libfuse is too old for. Our own replies do not come this way.
enum LibraryAnswers {
    /// Puts itself between a mounted session and its device.
    ///
    /// The session's user data has to be the ``Negotiation``. When there is no memory for it, libfuse goes on without us.
    static func route(_ session: OpaquePointer) {
        var io = fuse_custom_io()
        io.writev = { @Sendable descriptor, pieces, count, userdata in
            if let pieces, let userdata {
                let negotiation = Unmanaged<Negotiation>.fromOpaque(userdata).takeUnretainedValue()
                LibraryAnswers.amend(UnsafeBufferPointer(start: pieces, count: Int(count)), negotiation)
            }
            return writev(descriptor, pieces, count)
        }
        // libfuse insists on this one too, but never receives here.
        io.read = { @Sendable descriptor, buffer, count, _ in read(descriptor, buffer, count) }
        _ = fuse_session_custom_io(session, &io, fuse_session_fd(session))
    }

    /// An answer is a header (`struct fuse_out_header`, the error at byte 4) and, unless it is an error, one more piece.
    private static func amend(_ pieces: UnsafeBufferPointer<iovec>, _ negotiation: Negotiation) {
        guard pieces.count == 2, let header = pieces[0].iov_base, pieces[0].iov_len >= 8,
            header.loadUnaligned(fromByteOffset: 4, as: Int32.self) == 0, let answer = pieces[1].iov_base
        else { return }
        negotiation.amend(UnsafeMutableRawBufferPointer(start: answer, count: pieces[1].iov_len))
    }
}
