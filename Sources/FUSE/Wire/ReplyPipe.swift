// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A pipe through which pages of a file go to the kernel as a reply, without being copied into this process before.
///
/// Holds one whole reply or nothing. For one thread.
final class ReplyPipe {
    /// Bytes of a pipe: what an ordinary user may have by default.
    private static let size = 1 << 20
    private static let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))

    private var ends: (read: Int32, write: Int32) = (-1, -1)
    /// Bytes of payload that fit in, as far as is known before there is a pipe: each slot takes at most a page, and one is the
    /// header's.
    private(set) var room = ReplyPipe.size - ReplyPipe.pageSize
    /// Bytes of the reply that lies in the pipe.
    private var count = 0

    deinit { close() }

    /// Puts the reply to `unique` in: `count` bytes of the file from `offset` on, which begin on a page.
    ///
    /// - Returns: False when that cannot be; then the pipe is empty.
    func fill(_ count: Int, of file: Int32, at offset: Int64, to unique: UInt64) -> Bool {
        guard count > 0, offset & Int64(ReplyPipe.pageSize - 1) == 0, isOpen(), count <= room else { return false }
        let length = ReplyBuffer.headerSize + count
        guard putHeader(UInt32(length), unique), putPages(count, of: file, at: offset) else {
            clear()
            return false
        }
        self.count = length
        return true
    }

    /// Sends what is in to the device of a session.
    ///
    /// - Returns: False when the kernel did not take it, for whatever reason.
    func send(to device: Int32) -> Bool {
        let length = count
        count = 0
        while true {
            let sent = clinux_splice(ends.read, -1, device, length, 0)
            if sent == length { return true }
            guard sent < 0, errno == EINTR else { break }
        }
        let isGivenUp = errno == ENOENT
        // Who knows how much of it is still in.
        close()
        return isGivenUp
    }

    /// Throws away what was put in.
    func clear() {
        count = 0
        close()
    }

    /// Whether there is a pipe, or can be.
    private func isOpen() -> Bool {
        guard ends.read < 0 else { return true }
        var pair: [Int32] = [-1, -1]
        guard clinux_pipe2(&pair, O_CLOEXEC | O_NONBLOCK) == 0 else { return false }
        ends = (pair[0], pair[1])
        // Who has many pipes gets smaller ones; what does not fit in is copied.
        room = Int(clinux_set_pipe_size(ends.write, Int32(ReplyPipe.size))) - ReplyPipe.pageSize
        return true
    }

    private func close() {
        guard ends.read >= 0 else { return }
        Glibc.close(ends.read)
        Glibc.close(ends.write)
        ends = (-1, -1)
    }

    private func putHeader(_ length: UInt32, _ unique: UInt64) -> Bool {
        var header = (length: length, error: Int32(0), unique: unique)
        return write(ends.write, &header, ReplyBuffer.headerSize) == ReplyBuffer.headerSize
    }

    private func putPages(_ count: Int, of file: Int32, at offset: Int64) -> Bool {
        var done = 0
        while done < count {
            let moved = clinux_splice(file, offset + Int64(done), ends.write, count - done, clinux_splice_f_nonblock)
            if moved < 0, errno == EINTR { continue }
            guard moved > 0 else { return false }
            done += moved
        }
        return true
    }
}
